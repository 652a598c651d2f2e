package cli

import (
	"strings"
	"testing"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// A list shows which upload it is, not 64 digits of it.
func TestShortProgram_ShowsAnUploadByItsName(t *testing.T) {
	uploaded := "headrace://sha256-1a2b3c4d" + strings.Repeat("f", 56) + "/count.py"
	for program, want := range map[string]string{
		uploaded:                          "count.py (upload 1a2b3c4d)",
		"headrace://sha256-1a2b/count.py": "headrace://sha256-1a2b/count.py",
		"s3://code/count.py":              "s3://code/count.py",
	} {
		spark := specv1.SparkSubmit_builder{EntryPoint: &program}.Build()
		process := specv1.Process_builder{Command: []string{program, "x"}}.Build()
		for _, driver := range []specv1.JobDriver_builder{{SparkSubmit: spark}, {Process: process}} {
			run := specv1.JobRun_builder{Driver: driver.Build()}.Build()
			if got := shortProgram(run); got != want {
				t.Errorf("%s is shown as %s, not %s", program, got, want)
			}
		}
	}
}
