package spark

import (
	"cmp"
	"context"
	"os/exec"
	"strings"
	"time"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"

	"github.com/headrace/headrace/internal/releases"
)

// askPython prints an interpreter's version and its real path, which costs less to start than what a version manager puts in front.
const askPython = `import platform, sys; print(platform.python_version()); print(sys.executable)`

// python finds the interpreter of a PySpark driver and refuses one that the release cannot use, which would fail in the middle of the
// run. Where the run names an interpreter, it is the user's business.
func (e *Engine) python(ctx context.Context, p place, d *agentv1.SparkDriver, properties, enforced map[string]string) error {
	user := d.GetEnvironment()
	if cmp.Or(user["PYSPARK_DRIVER_PYTHON"], user["PYSPARK_PYTHON"], properties["spark.pyspark.driver.python"],
		properties["spark.pyspark.python"]) != "" {
		return nil
	}
	version, program, err := e.interpreter(ctx)
	if err != nil {
		return err
	}
	can := releases.ForSpark(p.release.Label, p.release.EngineVersion)
	if !can.CanUsePython(version) {
		return refused("cannot run PySpark %s with Python %s: it needs Python %s to %s; install one of these on the node, or set "+
			"spark.pyspark.python", p.release.EngineVersion, version, can.PythonMin, can.PythonMax)
	}
	enforced["PYSPARK_DRIVER_PYTHON"] = program
	return nil
}

// interpreter returns the version and the real path of the node's Python.
func (e *Engine) interpreter(ctx context.Context) (version, program string, err error) {
	limited, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(limited, e.config.Python, "-c", askPython).Output()
	lines := strings.Fields(string(out))
	if err != nil || len(lines) != 2 {
		return "", "", refused("cannot run PySpark on this node: %s does not answer (%v); install Python 3", e.config.Python, err)
	}
	return lines[0], lines[1], nil
}
