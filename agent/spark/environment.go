package spark

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/release/machine"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// inherited is all that a worker gets of the agent's own environment.
var inherited = []string{"PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR"}

// executorEnv is how properties name the environment of executors.
const executorEnv = "spark.executorEnv."

// platforms are variables that are the platform's in every worker. JAVA_HOME is not among them: it chooses a Java.
var platforms = []string{
	"SPARK_HOME", "SPARK_CONF_DIR", "SPARK_LOCAL_DIRS", "SPARK_LOCAL_HOSTNAME", "SPARK_LOCAL_IP", "_SPARK_AUTH_SECRET",
}

// environment returns what every Spark worker is started with: a little of the machine, then the user's, then what must
// hold. Names are in order.
func (e *Engine) environment(p layout, python machine.Python, user, enforced map[string]string) ([]string, error) {
	all := e.machineVariables(p)
	maps.Copy(all, user)
	bin, err := p.writePython(python)
	if err != nil {
		return nil, refused("cannot write to the worker's directory: %v", err)
	}
	if bin != "" {
		all["PATH"] = bin + string(filepath.ListSeparator) + all["PATH"]
	}
	maps.Copy(all, e.platformVariables(p))
	all["SPARK_USER"] = cmp.Or(user["SPARK_USER"], os.Getenv("USER"), "headrace")
	maps.Copy(all, enforced)
	return engine.Environment(all), nil
}

// machineVariables are those that a user may replace.
func (e *Engine) machineVariables(p layout) map[string]string {
	all := map[string]string{
		"HOME":           p.work(),
		"TMPDIR":         p.temporary(),
		"PYTHONHASHSEED": "0", // every Python worker must hash alike
	}
	if e.config.Region != "" {
		all["AWS_REGION"] = e.config.Region
		all["AWS_DEFAULT_REGION"] = e.config.Region
	}
	for _, name := range inherited {
		if value, ok := os.LookupEnv(name); ok {
			all[name] = value
		}
	}
	return all
}

// platformVariables are those that must hold.
func (e *Engine) platformVariables(p layout) map[string]string {
	return map[string]string{
		javaVariable:           p.java,
		"SPARK_HOME":           p.release.SparkHome,
		"SPARK_CONF_DIR":       p.conf(),
		"SPARK_LOCAL_DIRS":     p.local(),
		"SPARK_LOCAL_HOSTNAME": e.config.Host,
		"SPARK_LOCAL_IP":       loopback, // where a driver's pages are; people see them through the servers
	}
}

// checkEnvironments refuses variables of a worker that would break the platform; a driver's also of its executors,
// which would be refused one by one.
func checkEnvironments(w *agentv1.AssignedWorker) error {
	executors := map[string]string{}
	for name, value := range w.GetSparkDriver().GetProperties() {
		if variable, found := strings.CutPrefix(name, executorEnv); found {
			executors[variable] = value
		}
	}
	return cmp.Or(checkEnvironment(environmentOf(w)), checkEnvironment(executors))
}

// checkEnvironment refuses variables of the user that would break the platform. Values are not repeated: they may be
// secret.
func checkEnvironment(user map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(user)) {
		value := user[name]
		switch {
		case name == "SPARK_HOME" && strings.TrimRight(value, "/") == imageSpark: // what it is in the image
		case slices.Contains(platforms, name), strings.HasPrefix(name, "HEADRACE_"):
			return refused("cannot set the environment variable %s: Headrace sets it for every worker; leave it out",
				name)
		case name == "" || strings.ContainsAny(name, "=\x00") || strings.Contains(value, "\x00"):
			return refused(
				"cannot set the environment variable %q: its name is empty or holds =, or it holds a zero byte",
				name)
		}
	}
	return nil
}
