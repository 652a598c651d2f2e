package spark

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command/execve"
)

// A run was accepted whose processes Linux does not start, on node after node.
func TestResolve_RefusesStringsThatNoProcessTakes(t *testing.T) {
	long := strings.Repeat("x", execve.MaxString)
	for parameters, said := range map[string]string{
		"--conf spark.executorEnv.A=" + long:              "spark.executorEnv.A=***: it has 131075 bytes as NAME=value",
		"--conf spark.headrace.driverEnv.A=" + long:       "spark.headrace.driverEnv.A=***: it has 131075 bytes",
		"--conf spark.emr-serverless.driverEnv.A=" + long: "spark.headrace.driverEnv.A=***: it has 131075 bytes",
		"--conf spark.sql.x=" + long:                      "spark.sql.x=***: it has 131087 bytes",
		"--driver-java-options " + long:                   "spark.driver.extraJavaOptions=***: it has",
		"--driver-class-path " + long[:maxClassPath+1]: "spark.driver.extraClassPath=***: it has 32769 bytes; " +
			"the most is 32768",
		"--class " + long: "--class: it has 131073 bytes",
	} {
		_, err := Resolve(Input{ReleaseLabel: "emr-7.2.0", EntryPoint: "x.jar", Parameters: parameters})
		if e, _ := err.(*errs.Error); e == nil || e.Kind != errs.Invalid || e.Field != parametersField ||
			!strings.Contains(e.Message, said) || len(e.Message) > 500 {
			t.Errorf("%.60s: %.300v", parameters, err)
		}
	}
	fits := "--conf spark.sql.x=" + long[:execve.MaxString-len("-Dspark.sql.x=")-1] +
		" --driver-class-path " + long[:maxClassPath]
	if _, err := Resolve(Input{ReleaseLabel: "emr-7.2.0", EntryPoint: "x.jar", Parameters: fits}); err != nil {
		t.Errorf("at the edge: %.300v", err)
	}
}

func TestResolve_RefusesMoreVariablesThanAProcessTakes(t *testing.T) {
	environment := map[string]string{}
	for i := range 12 {
		environment[executorEnv+strings.Repeat("A", i+1)] = strings.Repeat("x", 100_000)
	}
	_, err := Resolve(Input{ReleaseLabel: "emr-7.2.0", EntryPoint: "x.jar", Defaults: from(run, environment)})
	if !errs.Is(err, errs.Invalid) ||
		!strings.Contains(err.Error(), "spark.executorEnv.* and spark.executor.extraJavaOptions") ||
		!strings.Contains(err.Error(), "1048576") {
		t.Error(err)
	}
}

// All executors without which a run does not start go into one record.
func TestResolve_BoundsWhatIsPlacedTogether(t *testing.T) {
	for n, refused := range map[string]bool{"10000": false, "10001": true} {
		_, err := Resolve(Input{
			ReleaseLabel: "emr-7.2.0",
			EntryPoint:   "x.jar",
			Parameters: "--conf spark.dynamicAllocation.minExecutors=" + n +
				" --conf spark.dynamicAllocation.maxExecutors=1000000",
		})
		if (err != nil) != refused || refused && !strings.Contains(err.Error(), "the most is 10000") {
			t.Errorf("%s: %v", n, err)
		}
	}
}

// Bytes near the end of a 64-bit number became less than nothing, so that any heap fitted.
func TestResolve_OffHeapOfTheLargestNumberIsRefused(t *testing.T) {
	_, err := Resolve(Input{
		ReleaseLabel: "emr-7.2.0",
		EntryPoint:   "x.jar",
		Parameters:   "--conf spark.memory.offHeap.enabled=true --conf spark.memory.offHeap.size=9223372036854775807",
	})
	if !errs.Is(err, errs.Invalid) {
		t.Errorf("got %v", err)
	}
}
