package cli

import "testing"

// What no cluster acts on is refused with the line where it stands, before anything is changed: the other documents of
// the file would be applied otherwise.
func TestA13_ApplyRefusesWhatNothingActsOnBeforeItActs(t *testing.T) {
	a := newApplied(t)
	for _, c := range []struct{ was, is, problem string }{
		{
			"  weight: 3",
			"  imageConfiguration: {imageUri: busybox}",
			"file.yaml:32: spec.imageConfiguration.imageUri: Headrace does not act on images of users yet",
		},
		{
			"  mode: BATCH",
			"  executionIamPolicy: {policy: \"{}\"}",
			"spec.executionIamPolicy.policy: Headrace does not act on execution policies yet",
		},
		{
			"letmein",
			"EMR.secret@db",
			"spark.my.password: Headrace does not act on references to secrets yet",
		},
	} {
		calls := len(a.server.Calls())
		a.refuses([]string{c.problem}, "apply", "-f", edited(t, c.was, c.is), "--yes")
		a.wrote(calls, "")
	}
}
