package spark

import (
	"context"
	"regexp"
	"strings"

	"github.com/headrace/headrace/agent/release/machine"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// What a driver's agent says to the agents of its executors, as settings beside those of the driver's connection.
const (
	// versionSetting is the version of the driver's Python, where driver and executors run on their nodes' own: PySpark
	// wants the same minor version on both sides.
	versionSetting = "spark.headrace.python"
	// archivesSetting are the archives that are on every node, which Spark neither copies nor unpacks.
	archivesSetting = "spark.headrace.archives"
)

// companion returns what the agents of a driver's executors must know.
func (e *Engine) companion(ctx context.Context, w *agentv1.AssignedWorker) map[string]string {
	d := w.GetSparkDriver()
	all := onceRead(d.GetProperties()) // so that a process that waits is not taken for an executor of other settings
	if archives := onEveryNode(d.GetProperties()[archivesOfRun]); archives != "" {
		all[archivesSetting] = archives
	}
	driver, worker := pythons(d, d.GetProperties())
	namesNone := driver.program == "" && worker.program == ""
	if isPython(d.GetEntryPoint()) && namesNone {
		if python, ok := e.machine.Python(ctx, e.config.Python); ok {
			all[versionSetting] = python.Version
		}
	}
	return all
}

// onNodes says whether a URI names a path on every node.
func onNodes(uri string) bool { return strings.HasPrefix(uri, "local:") && !inImage(uri) }

// onEveryNode returns the URIs of a list that name a path on every node.
func onEveryNode(list string) string {
	var found []string
	for uri := range strings.SplitSeq(list, ",") {
		if uri = strings.TrimSpace(uri); onNodes(uri) {
			found = append(found, uri)
		}
	}
	return strings.Join(found, ",")
}

// pythonVersion is the form of a version. The driver says it, and it becomes a part of a program's name.
var pythonVersion = regexp.MustCompile(`^\d{1,2}\.\d{1,3}(\.[0-9A-Za-z+]{1,20})?$`)

// executorPython returns the Python that an executor's workers have unless the run names one: the node's, or another
// one of the node that has the driver's minor version.
func (e *Engine) executorPython(ctx context.Context, driver string) (machine.Python, error) {
	if driver != "" && !pythonVersion.MatchString(driver) {
		return machine.Python{}, refused(
			"cannot run an executor of a driver with Python %.40q: that is no version; leave %s out",
			driver, versionSetting)
	}
	wanted := minor(driver)
	own, ok := e.machine.Python(ctx, e.config.Python)
	if driver == "" || ok && minor(own.Version) == wanted {
		return own, nil
	}
	if same, found := e.machine.Python(ctx, "python"+wanted); found && minor(same.Version) == wanted {
		return same, nil
	}
	if !ok {
		own.Version = "none"
	}
	return own, refused("cannot run an executor of a driver with Python %s on this node: its Python is %s, "+
		"and PySpark wants the same minor version on both sides; install python%s, or bring a Python in an archive",
		driver, own.Version, wanted)
}

// minor cuts a version to its first two numbers: 3.11.7 becomes 3.11.
func minor(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}
