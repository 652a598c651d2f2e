package command

import (
	"testing"

	"github.com/headrace/headrace/fsm/state"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Who cancels a run and says nothing of a grace gets that of the original.
func TestA12_CancelHasTheGraceOfTheOriginal(t *testing.T) {
	spark := specv1.JobDriver_builder{SparkSubmit: &specv1.SparkSubmit{}}.Build()
	process := specv1.JobDriver_builder{Process: &specv1.Process{}}.Build()
	batch := specv1.JobRunMode_JOB_RUN_MODE_BATCH.Enum()
	for want, run := range map[int64]*specv1.JobRun{
		0:   specv1.JobRun_builder{Driver: spark, Mode: batch}.Build(),
		30:  specv1.JobRun_builder{Driver: process, Mode: batch}.Build(),
		120: specv1.JobRun_builder{Driver: spark, Mode: specv1.JobRunMode_JOB_RUN_MODE_STREAMING.Enum()}.Build(),
	} {
		if got := cancelGrace(&state.JobRun{Spec: run}); got != want {
			t.Errorf("%v has %d s, not %d", run, got, want)
		}
	}
}
