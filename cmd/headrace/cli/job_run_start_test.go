package cli

import (
	"strings"
	"testing"
)

// A flag that would do nothing is told by its own name.
func TestA8_AFlagOfTheOtherEngineIsRefusedByItsName(t *testing.T) {
	for flags, said := range map[string]string{
		"--entry-point x.py --env A=1":  "--env: is for a process",
		"--entry-point x.py --tasks 2":  "--tasks: is for a process",
		"--command --conf a=b -- /true": "--conf: is for Spark",
		"--command --env A -- /true":    "--env: cannot read",
	} {
		r := command(t.Context(), "127.0.0.1:1", append([]string{"job-run", "start", "app"}, strings.Fields(flags)...)...)
		if r.failed == nil || !strings.Contains(r.failed.Error(), said) {
			t.Errorf("%s: %v, want %q", flags, r.failed, said)
		}
	}
}
