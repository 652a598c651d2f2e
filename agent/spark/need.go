package spark

import (
	"slices"
	"strings"
)

// perWorker are variables that a process which waits is told when it begins, or that no run can ask for.
var perWorker = []string{tokenVariable, secretVariable, warmVariable, warmToken, warmHost, warmBind, warmPython}

// perStart are options of the JVM that change nothing of what a run sees, or that a process which waits is told when it
// begins.
var perStart = []string{"-XX:SharedArchiveFile=", "-Xshare:", "-Xlog:cds", "-D" + log4jSetting + "="}

// perProcess are settings of Spark that it reads once in a process, so that a rehearsal has read them.
var perProcess = []string{
	"spark.network.io.preferDirectBufs",
	"spark.network.sharedByteBufAllocators.enabled",
	"spark.sql.codegen.cache.maxEntries",
}

// onceRead returns those of a run's settings that Spark reads once in a process.
func onceRead(properties map[string]string) map[string]string {
	found := map[string]string{}
	for _, name := range perProcess {
		if value, set := properties[name]; set {
			found[name] = value
		}
	}
	return found
}

// needs is what a process keeps for life: its Java with class path and options, its environment, and what Spark reads
// once.
type needs []string

// with adds settings that Spark reads once in a process.
func (n needs) with(once map[string]string) needs {
	for name, value := range once {
		n = append(n, "setting "+name+"="+value)
	}
	slices.Sort(n)
	return n
}

// needsOf returns what a worker in a directory needs. Paths in its own directory are the same for all workers.
func needsOf(j jvm, environment []string) needs {
	j.class = ""
	j.args = nil
	command := j.command()
	all := needs{"class path " + j.path(), "Java " + command[0]}
	for _, option := range command[1:] {
		if option != "" && !isPerStart(option) {
			all = append(all, "option "+option)
		}
	}
	for _, variable := range environment {
		if name, _, _ := strings.Cut(variable, "="); !slices.Contains(perWorker, name) {
			all = append(all, "variable "+variable)
		}
	}
	for i := range all {
		all[i] = strings.ReplaceAll(all[i], j.layout.work(), "")
	}
	slices.Sort(all)
	return all
}

// isPerStart says whether an option is one of perStart.
func isPerStart(option string) bool {
	return slices.ContainsFunc(perStart, func(prefix string) bool { return strings.HasPrefix(option, prefix) })
}

// missing says what a process that has other needs lacks of these, or has and should not have; empty: it fits. Values
// may be secret, so only names are told, except of memory.
func (n needs) missing(has needs) string {
	for _, need := range n {
		if !slices.Contains(has, need) {
			return "it needs " + named(need) + ", and the process that waited in its slot has another"
		}
	}
	for _, other := range has {
		unread := strings.HasPrefix(other, "variable "+driverPython+"=") // a JAR does without a Python
		if !slices.Contains(n, other) && !unread {
			return "the process that waited in its slot has " + named(other) + ", which it does not need"
		}
	}
	return ""
}

// named returns a need as people may read it.
func named(need string) string {
	kind, what, _ := strings.Cut(need, " ")
	switch kind {
	case "class":
		return "a class path of its own"
	case "Java":
		return need
	}
	if strings.HasPrefix(what, "-Xm") || !strings.Contains(what, "=") {
		return kind + " " + what
	}
	name, _, _ := strings.Cut(what, "=")
	return "the " + kind + " " + name
}
