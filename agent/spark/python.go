package spark

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"strings"
	"time"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"

	"github.com/headrace/headrace/internal/releases"
)

// askPython prints an interpreter's version and its real path, which costs less to start than what a version manager puts in
// front.
const askPython = `import platform, sys; print(platform.python_version()); print(sys.executable)`

// interpreter is a Python of this node.
type interpreter struct {
	version string // such as 3.11.7
	program string // its real path
}

// checkPython refuses an interpreter that the release cannot use, which would fail in the middle of the run. Where the run
// names one, that is the user's business.
func (e *Engine) checkPython(ctx context.Context, p place, d *agentv1.SparkDriver, properties, enforced map[string]string) error {
	user := d.GetEnvironment()
	if cmp.Or(user["PYSPARK_DRIVER_PYTHON"], user["PYSPARK_PYTHON"], properties["spark.pyspark.driver.python"],
		properties["spark.pyspark.python"]) != "" {
		return nil
	}
	python := e.python(ctx)
	if python.program == "" {
		return refused("cannot run PySpark on this node: %s does not answer; install Python 3", e.config.Python)
	}
	can := releases.ForSpark(p.release.Label, p.release.EngineVersion)
	if !can.CanUsePython(python.version) {
		return refused("cannot run PySpark %s with Python %s: it needs Python %s to %s; install one of these on the node, or set "+
			"spark.pyspark.python", p.release.EngineVersion, python.version, can.PythonMin, can.PythonMax)
	}
	enforced["PYSPARK_DRIVER_PYTHON"] = python.program
	return nil
}

// python returns the node's Python, empty if there is none. It asks again only when the one that it knows is gone.
func (e *Engine) python(ctx context.Context) interpreter {
	e.mu.Lock()
	known := e.found
	e.mu.Unlock()
	if _, err := os.Stat(known.program); err == nil {
		return known
	}
	limited, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(limited, e.config.Python, "-c", askPython).Output()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if err != nil || len(lines) != 2 {
		return interpreter{}
	}
	found := interpreter{version: lines[0], program: lines[1]}
	e.mu.Lock()
	e.found = found
	e.mu.Unlock()
	return found
}
