package command

import (
	"testing"

	"github.com/headrace/headrace/fsm/state"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// No Hive run is accepted yet, so what it would look like is asked of the function itself.
func TestHiveShape_IsADriverAndTasksAsTheyAreAskedFor(t *testing.T) {
	const directories = "--hiveconf hive.exec.scratchdir=s3://b/s --hiveconf hive.metastore.warehouse.dir=s3://b/w "
	application := &state.Application{Terms: state.Terms{Engine: state.EngineHive, Release: "emr-7.2.0"}}
	for more, want := range map[string][2]uint32{
		"": {0, 1000},
		"--hiveconf hive.prewarm.enabled=true --hiveconf hive.max-task-containers=7": {7, 7},
	} {
		query := specv1.Hive_builder{Query: new("s3://b/q.sql"), Parameters: new(directories + more)}.Build()
		run := specv1.JobRun_builder{Driver: specv1.JobDriver_builder{Hive: query}.Build()}.Build()
		shape, err := hiveShape(application, run)
		if err != nil || shape.Driver != state.TypeHiveDriver || shape.Worker != state.TypeTezTask ||
			shape.Minimum != 0 || shape.Batch != 20 ||
			shape.Initial != want[0] || shape.Maximum != want[1] || shape.DriverSize.MilliCPU != 2000 ||
			shape.WorkerSize.MemoryMiB != 6<<10 {
			t.Errorf("%q: %+v, %v", more, shape, err)
		}
	}
}
