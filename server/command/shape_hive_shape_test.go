package command

import (
	"testing"

	"github.com/headrace/headrace/fsm/state"
)

// No Hive run is accepted yet, so what it would look like is asked of the function itself.
func TestHiveShape_IsADriverAndTasksAsTheyAreAskedFor(t *testing.T) {
	application := &state.Application{Engine: state.EngineHive, Release: "emr-7.2.0"}
	for more, want := range map[string][2]uint32{
		"": {0, 1000},
		"--hiveconf hive.prewarm.enabled=true --hiveconf hive.max-task-containers=7": {7, 7},
	} {
		shape, err := hiveShape(application, &state.Submission{Hive: &state.Hive{Query: "s3://b/q.sql",
			Parameters: "--hiveconf hive.exec.scratchdir=s3://b/s --hiveconf hive.metastore.warehouse.dir=s3://b/w " + more}})
		if err != nil || shape.Driver != state.TypeHiveDriver || shape.Worker != state.TypeTezTask || shape.Minimum != 0 || shape.Batch != 20 ||
			shape.Initial != want[0] || shape.Maximum != want[1] || shape.DriverSize.MilliCPU != 2000 || shape.WorkerSize.MemoryMiB != 6<<10 {
			t.Errorf("%q: %+v, %v", more, shape, err)
		}
	}
}
