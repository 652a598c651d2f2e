package spark

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
)

// sparkSubmitOptions are all options that spark-submit 3.5 lists, but for those of spark-sql and spark-shell.
var sparkSubmitOptions = []string{
	"--master", "--remote", "--deploy-mode", "--class", "--name", "--jars", "--packages", "--exclude-packages",
	"--repositories", "--py-files", "--files",
	"--archives", "--conf", "-c", "--properties-file", "--driver-memory", "--driver-java-options",
	"--driver-library-path",
	"--driver-class-path", "--executor-memory", "--proxy-user", "--help", "-h", "--verbose", "-v", "--version",
	"--driver-cores",
	"--supervise", "--kill", "--status", "--total-executor-cores", "--executor-cores", "--num-executors", "--principal",
	"--keytab", "--queue",
}

func TestOptions_OfSparkSubmitAreEachTakenOrRefusedWithAReason(t *testing.T) {
	for _, option := range sparkSubmitOptions {
		_, err := readParameters(option + " a=1")
		switch {
		case refusedOptions[option] != "":
			if !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), refusedOptions[option]) {
				t.Errorf("%s: %v, want that it is refused and why", option, err)
			}
		case option == "--verbose" || option == "-v": // without a value
		case err != nil || !known(option):
			t.Errorf("%s is neither taken nor refused with a reason: %v", option, err)
		}
	}
}

func TestResolve_RefusesR(t *testing.T) {
	for _, in := range []Input{
		{ReleaseLabel: "emr-7.2.0", EntryPoint: "s3://b/job.R"},
		{ReleaseLabel: "emr-7.2.0", EntryPoint: "file:///job.r"},
		{
			ReleaseLabel: "emr-7.2.0",
			EntryPoint:   "local:///a.jar",
			Parameters:   "--class org.apache.spark.deploy.RRunner",
		},
	} {
		if _, err := Resolve(in); !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "SparkR") {
			t.Errorf("%s %s: %v, want that SparkR is refused", in.EntryPoint, in.Parameters, err)
		}
	}
}
