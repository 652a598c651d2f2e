package spec

import (
	"slices"
	"strings"
	"testing"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func TestConstraints_NameTheOneThatIsWrong(t *testing.T) {
	many := func(n int) []string { return slices.Repeat([]string{"disk == nvme"}, n) }
	for name, c := range map[string]struct {
		change func(*specv1.Application)
		wrong  string
	}{
		"no operator": {
			func(a *specv1.Application) { a.SetConstraints([]string{"disk == nvme", "disk nvme"}) },
			`spec.constraints[1]: "disk nvme" has no operator after "disk": write it as disk == nvme`,
		},
		"a preference": {
			func(a *specv1.Application) { a.SetPreferences([]string{"disk >"}) },
			`spec.preferences[0]: "disk >" compares with ""`,
		},
		"empty": {
			func(a *specv1.Application) { a.SetConstraints([]string{""}) },
			"spec.constraints[0]",
		},
		"too many": {
			func(a *specv1.Application) { a.SetConstraints(many(17)) },
			"spec.constraints: 17 constraints are more than 16",
		},
		"too many preferences": {
			func(a *specv1.Application) { a.SetPreferences(many(5)) },
			"spec.preferences: 5 preferences are more than 4",
		},
		"spread": {
			func(a *specv1.Application) { a.SetSpread("two words") },
			`spec.spread: "two words" is not the key of a label`,
		},
		"a terminal's": {
			func(a *specv1.Application) { a.SetConstraints([]string{"disk == \x1b[2J"}) },
			"spec.constraints[0]",
		},
	} {
		a := DefaultApplication(specv1.Application_builder{Engine: specv1.Engine_ENGINE_PROCESS.Enum()}.Build())
		c.change(a)
		if err := ValidateApplication(a); err == nil || !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%s: %v, not %s", name, err, c.wrong)
		}
	}
	run := DefaultJobRun(specv1.JobRun_builder{
		Driver: specv1.JobDriver_builder{
			Process: specv1.Process_builder{Command: []string{"/bin/true"}}.Build(),
		}.Build(),
		Constraints: []string{"gpu"},
	}.Build())
	if err := ValidateJobRun(run); err == nil || !strings.Contains(err.Error(), "spec.constraints[0]") {
		t.Errorf("a run with a constraint without an operator gives %v", err)
	}
}
