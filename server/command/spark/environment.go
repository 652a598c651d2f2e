package spark

import "strings"

// imageHome is where Spark is in the original's image: who says so of SPARK_HOME changes nothing.
const imageHome = "/usr/lib/spark"

// platforms are variables of a worker that only the platform sets.
var platforms = map[string]bool{
	"SPARK_HOME": true, "SPARK_CONF_DIR": true, "SPARK_LOCAL_DIRS": true, "SPARK_LOCAL_HOSTNAME": true, "SPARK_LOCAL_IP": true, "_SPARK_AUTH_SECRET": true,
}

// checkEnvironments refuses variables that would break the platform, before a node does. Values are not repeated: they may be
// secret.
func (l levels) checkEnvironments() error {
	for _, key := range l.sorted() {
		for _, prefix := range []string{driverEnv, executorEnv} {
			name, found := strings.CutPrefix(key, prefix)
			if found && (platforms[name] || strings.HasPrefix(name, "HEADRACE_")) && !(name == "SPARK_HOME" && strings.TrimRight(l.text(key), "/") == imageHome) {
				l[key] = setting{"***", l[key].field}
				return l.invalid(key, "Headrace sets this variable for every worker; leave it out")
			}
		}
	}
	return nil
}
