package release

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/headrace/headrace/agent/release/machine"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/releases"
)

// Can returns what the release's Spark can use, by its version: the label may be any.
func (r Release) Can() releases.Release { return releases.ForSpark(r.Label, r.EngineVersion) }

// Java returns the directory of the Java runtime that a release runs on unless a run names another one, the value of
// JAVA_HOME: its own, else the machine's if the release's Spark can use it.
func (r Release) Java(ctx context.Context) (string, error) {
	return r.JavaOn(ctx, machine.New(machine.Config{}))
}

// JavaOn is Java for who has a Machine, which need not be asked again.
func (r Release) JavaOn(ctx context.Context, m *machine.Machine) (string, error) {
	if r.JavaHome != "" {
		return r.JavaHome, nil
	}
	return machineJava(ctx, m, r.Can())
}

// machineJava returns the first Java of the machine that drivers and executors of a release can use.
func machineJava(ctx context.Context, m *machine.Machine, can releases.Release) (string, error) {
	usable := slices.DeleteFunc(slices.Clone(can.Java), func(major int) bool { return major < releases.LeastDriverJava })
	if len(usable) == 0 {
		return "", errs.New(errs.WrongState,
			"release %s with Spark %s cannot run: its Spark runs on Java %s, and Headrace's plug-in in the driver needs "+
				"Java %d or newer", can.Label, can.Spark, numbers(can.Java), releases.LeastDriverJava)
	}
	all := m.Javas(ctx)
	for _, java := range all {
		if slices.Contains(usable, java.Major) {
			return java.Dir, nil
		}
	}
	return "", errs.New(errs.NotFound, "release %s with Spark %s needs Java %s: this machine has %s; install it "+
		"(apt-get install openjdk-17-jre-headless, dnf install java-17-openjdk-headless) or set JAVA_HOME",
		can.Label, can.Spark, numbers(usable), Describe(all))
}

// Describe names runtimes for people: Java 17 in /a, Java 21 in /b.
func Describe(javas []machine.Java) string {
	if len(javas) == 0 {
		return "no Java"
	}
	said := make([]string, 0, len(javas))
	for _, java := range javas {
		said = append(said, java.String())
	}
	return strings.Join(said, ", ")
}

// numbers says versions for people: 8 or 11.
func numbers(versions []int) string {
	said := make([]string, 0, len(versions))
	for _, version := range versions {
		said = append(said, fmt.Sprint(version))
	}
	return strings.Join(said, " or ")
}
