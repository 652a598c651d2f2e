package spark

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/headrace/headrace/agent/release/machine"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Variables by which PySpark knows its interpreters.
const (
	driverPython = "PYSPARK_DRIVER_PYTHON"
	workerPython = "PYSPARK_PYTHON"
)

// interpreter is a Python that a run names, and by what; empty: the node's.
type interpreter struct{ program, by string }

// firstNamed returns the first of some settings that is there.
func firstNamed(settings ...interpreter) interpreter {
	for _, s := range settings {
		if strings.TrimSpace(s.program) != "" {
			return s
		}
	}
	return interpreter{}
}

// pythons returns what a run names for its driver, and for the Python workers of its executors. The order is Spark's;
// it lacks executorEnv, which executors would not look at: they run what their driver names.
func pythons(d *agentv1.SparkDriver, properties map[string]string) (driver, worker interpreter) {
	property := func(name string) interpreter { return interpreter{properties[name], name} }
	variable := func(name string) interpreter { return interpreter{d.GetEnvironment()[name], name} }
	driver = firstNamed(
		property("spark.pyspark.driver.python"),
		property("spark.pyspark.python"),
		variable(driverPython),
		variable(workerPython),
	)
	worker = firstNamed(
		property("spark.pyspark.python"),
		property(executorEnv+workerPython),
		variable(workerPython),
	)
	return driver, worker
}

// settlePython enforces the interpreters of a Python driver. It refuses one that cannot work, which would fail in the
// middle of the run; the version of one that the run names is the user's business.
func (e *Engine) settlePython(ctx context.Context, p layout, d *agentv1.SparkDriver,
	properties, enforced map[string]string,
) error {
	driver, worker := pythons(d, properties)
	if worker.program != "" {
		enforced[workerPython] = worker.program
	}
	if driver.program == "" {
		own, err := e.nodePython(ctx, p)
		enforced[driverPython] = own.Program
		return err
	}
	enforced[driverPython] = driver.program
	return e.checkPython(ctx, p, driver)
}

// nodePython returns the node's Python if the release can use it.
func (e *Engine) nodePython(ctx context.Context, p layout) (machine.Python, error) {
	python, ok := e.machine.Python(ctx, e.config.Python)
	if !ok {
		return python, refused("cannot run PySpark on this node: %s does not answer; install Python 3", e.config.Python)
	}
	if can := p.release.Can(); !can.CanUsePython(python.Version) {
		return python, refused("cannot run PySpark %s with Python %s: it needs Python %s to %s; "+
			"install one of these on the node, or set spark.pyspark.python",
			p.release.EngineVersion, python.Version, can.PythonMin, can.PythonMax)
	}
	return python, nil
}

// checkPython refuses an interpreter of the driver that is not there: in an archive, where it is missing everywhere, or
// on this node, where another node may have it. A name without a folder is looked for in the driver's own PATH.
func (e *Engine) checkPython(ctx context.Context, p layout, named interpreter) error {
	program := named.program
	if !strings.Contains(program, "/") {
		return nil
	}
	if !filepath.IsAbs(program) {
		program = filepath.Join(p.work(), program)
	}
	if info, err := p.home.Stat(program); err == nil && isProgram(info) {
		return nil
	}
	if target, err := p.home.Readlink(program); err == nil {
		return notFound("cannot run the Python %s of %s: it is a link to %s, which is not on this node; "+
			"make the environment with python3 -m venv --copies", named.program, named.by, target)
	}
	if !filepath.IsAbs(named.program) {
		return notFound("cannot find the Python %s of %s in the driver's working directory: it holds %s; "+
			"name an archive with an alias, spark.archives=...#environment", named.program, named.by, p.holds())
	}
	own, _ := e.machine.Python(ctx, e.config.Python)
	return refused("cannot find the Python %s of %s on this node: it has %s %s",
		named.program, named.by, own.Program, own.Version)
}

// holds names what is in the working directory, for people.
func (p layout) holds() string {
	all, _ := p.home.Work.Names()
	names := slices.DeleteFunc(all, func(name string) bool { return strings.HasPrefix(name, ".") })
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names[:min(len(names), 10)], ", ")
}

// writePython makes a node's Python what a worker finds as python3 and as python, whatever a version manager or the
// machine's PATH has in front. It returns the folder; empty: the node has no Python.
func (p layout) writePython(python machine.Python) (string, error) {
	if python.Program == "" {
		return "", nil
	}
	p.home.Show(python.Prefix, python.Base)
	script := "#!/bin/sh\nexec '" + strings.ReplaceAll(python.Program, "'", `'\''`) + "' \"$@\"\n"
	for _, name := range []string{"python3", "python"} {
		if err := p.write("bin/"+name, []byte(script), 0o700); err != nil {
			return "", err
		}
	}
	return p.own("bin"), nil
}
