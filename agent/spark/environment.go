package spark

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// inherited is all that a worker gets of the agent's own environment.
var inherited = []string{"PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR"}

// environment returns what every Spark worker is started with: a little of the machine, then the user's, then what must hold.
// Names are in order.
func (e *Engine) environment(p place, python interpreter, user, enforced map[string]string) []string {
	all := map[string]string{
		"HOME":           p.work(),
		"TMPDIR":         p.temporary(),
		"PYTHONHASHSEED": "0", // every Python worker must hash alike
	}
	for _, name := range inherited {
		if value, ok := os.LookupEnv(name); ok {
			all[name] = value
		}
	}
	if python.program != "" { // Python workers start without what a version manager puts in front
		all["PATH"] = filepath.Dir(python.program) + string(filepath.ListSeparator) + all["PATH"]
	}
	maps.Copy(all, user)
	maps.Copy(all, map[string]string{
		"JAVA_HOME":            p.java,
		"SPARK_HOME":           p.release.SparkHome,
		"SPARK_CONF_DIR":       p.conf(),
		"SPARK_LOCAL_DIRS":     p.local(),
		"SPARK_LOCAL_HOSTNAME": e.config.Host,
		"SPARK_USER":           cmp.Or(user["SPARK_USER"], os.Getenv("USER"), "headrace"),
	})
	maps.Copy(all, enforced)
	return list(all)
}

// list returns an environment as name=value, ordered by name.
func list(all map[string]string) []string {
	lines := make([]string, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		lines = append(lines, name+"="+all[name])
	}
	return lines
}
