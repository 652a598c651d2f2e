package spark

import (
	"slices"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command/execve"
)

// maxClassPath bounds a class path, in bytes. It becomes one argument, in which the node replaces the paths of its user
// by longer ones.
const maxClassPath = execve.MaxString / 4

// classPaths are the properties that become a class path.
var classPaths = []string{"spark.driver.extraClassPath", "spark.executor.extraClassPath"}

// checkStrings holds that Linux can start processes with what was set. Spark passes properties to executors as
// arguments, and options of the JVM and class paths become arguments as well. Errors do not repeat values, which may be
// secret.
func (l levels) checkStrings(mainClass string) error {
	if err := execve.Argument(mainClass); err != nil {
		return errs.Field(parametersField, "--class: %w", err)
	}
	for _, key := range l.Names() {
		value := l.Value(key)
		if err := execve.Argument("-D" + key + "=" + value); err != nil {
			return l.Hidden(key, "%w", err)
		}
		if n := len(value); n > maxClassPath && slices.Contains(classPaths, key) {
			return l.Hidden(key, "it has %d bytes; the most is %d: put the jars into one directory and name that",
				n, maxClassPath)
		}
	}
	return nil
}

// checkTotal holds that neither a driver nor an executor has more variables and options than a process takes.
func (l levels) checkTotal(s *Settings) error {
	for _, of := range []struct {
		role        role
		environment map[string]string
		variables   string
	}{{"driver", s.DriverEnv, driverEnv + "*"}, {"executor", s.ExecutorEnv, executorEnv + "*"}} {
		options := of.role.key("extraJavaOptions")
		size := execve.EnvironmentSize(of.environment) + execve.Size(strings.Fields(l.Text(options))...)
		if err := execve.Total(size); err != nil {
			return errs.Field(parametersField, "%s and %s: %w", of.variables, options, err)
		}
	}
	return nil
}
