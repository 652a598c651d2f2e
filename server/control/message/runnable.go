package message

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/releases"
)

// notRunnable says why a release cannot run on the ready nodes, or not all of what it could; empty: it can. If a node
// says nothing of Java or Python, it is believed to have what the release needs: a fetched release may bring its own.
func notRunnable(known releases.Release, engine state.Engine, cached bool, ready []*state.Node) string {
	if engine == state.EngineHive {
		return "this version of Headrace has no Hive engine; it runs SPARK and PROCESS"
	}
	if known.Spark != "" && !known.CanRunDrivers() {
		return fmt.Sprintf(
			"its Spark %s runs on Java %s, and what Headrace adds to drivers needs Java %d",
			known.Spark,
			numbers(known.Java, " or "),
			releases.LeastDriverJava,
		)
	}
	able := slices.DeleteFunc(slices.Clone(ready), func(n *state.Node) bool { return !cached && !n.Holds(known.Label) })
	switch {
	case len(able) == 0 && !cached:
		return fmt.Sprintf(
			"no node holds it, and the servers' cache has no archive of it: `headrace release fetch %s` gets it, "+
				"`headrace release add %s` gives it to the servers",
			known.Label,
			known.Label,
		)
	case len(able) == 0 || known.Spark == "":
		return ""
	}
	return lacking(known, able)
}

// lacking says what the nodes lack that could run a release of Spark; empty: one of them has all.
func lacking(known releases.Release, able []*state.Node) string {
	withJava := slices.DeleteFunc(slices.Clone(able), func(n *state.Node) bool { return !servesJava(known, n) })
	if len(withJava) == 0 {
		return fmt.Sprintf(
			"its Spark %s needs Java %s, and its nodes (%d) have %s",
			known.Spark,
			numbers(known.Java, " or "),
			len(able),
			javas(able),
		)
	}
	usesPython := func(n *state.Node) bool { return n.Python == "" || known.CanUsePython(n.Python) }
	if slices.ContainsFunc(withJava, usesPython) {
		return ""
	}
	return fmt.Sprintf(
		"JVM jobs only: its PySpark %s works with Python %s to %s, and its nodes (%d) have %s",
		known.Spark,
		known.PythonMin,
		known.PythonMax,
		len(withJava),
		pythons(withJava),
	)
}

// servesJava says whether a node has a Java that a release and its drivers can use.
func servesJava(known releases.Release, n *state.Node) bool {
	return len(n.Java) == 0 || slices.ContainsFunc(n.Java, func(major uint32) bool {
		return known.CanUseJava(int(major)) && major >= releases.LeastDriverJava
	})
}

// javas writes the versions of Java that nodes have, each once.
func javas(nodes []*state.Node) string {
	var found []int
	for _, n := range nodes {
		for _, major := range n.Java {
			found = append(found, int(major))
		}
	}
	slices.Sort(found)
	return numbers(slices.Compact(found), " and ")
}

// pythons writes the versions of Python that nodes have, each once.
func pythons(nodes []*state.Node) string {
	var found []string
	for _, n := range nodes {
		found = append(found, n.Python)
	}
	slices.Sort(found)
	return strings.Join(slices.Compact(found), ", ")
}

// numbers writes 8, 11 or 17.
func numbers(ns []int, last string) string {
	var words []string
	for _, n := range ns {
		words = append(words, strconv.Itoa(n))
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + last + words[len(words)-1]
}
