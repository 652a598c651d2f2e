package fleet

import (
	"testing"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

func TestLogFolder_IsWhereLogsAreShippedTo(t *testing.T) {
	spark := func(w *agentv1.AssignedWorker) *agentv1.AssignedWorker {
		w.ApplicationId, w.JobRunId = "a", "r"
		w.Program = &agentv1.AssignedWorker_SparkExecutor{}
		return w
	}
	process := func(w *agentv1.AssignedWorker) *agentv1.AssignedWorker {
		w = spark(w)
		w.Program = &agentv1.AssignedWorker_Process{Process: &agentv1.ProcessProgram{}}
		return w
	}
	type worker = agentv1.AssignedWorker
	for want, w := range map[string]*worker{
		"applications/a/jobs/r/SPARK_DRIVER":            spark(&worker{Type: "DRIVER", Attempt: 1, Epoch: 2}),
		"applications/a/jobs/r/attempts/3/SPARK_DRIVER": spark(&worker{Type: "DRIVER", Attempt: 3, AttemptsApart: true}),
		"applications/a/jobs/r/SPARK_EXECUTOR/7":        spark(&worker{Type: "EXECUTOR", Number: 7, Epoch: 1}),
		"applications/a/jobs/r/attempts/2/SPARK_EXECUTOR/7": spark(
			&worker{Type: "EXECUTOR", Number: 7, Attempt: 2, AttemptsApart: true},
		),
		"applications/a/jobs/r/PROCESS_DRIVER":   process(&worker{Type: "DRIVER"}),
		"applications/a/jobs/r/PROCESS_TASK/4-3": process(&worker{Type: "TASK", Number: 4, Epoch: 3}),
		"applications/a/jobs/r/HIVE_DRIVER":      spark(&worker{Type: "HIVE_DRIVER"}),
		"applications/a/jobs/r/TEZ_TASK/1":       spark(&worker{Type: "TEZ_TASK", Number: 1}),
	} {
		if got := logFolder(w); got != want {
			t.Errorf("logs are in %s, want %s", got, want)
		}
	}
}

func TestA10_ADriversNodeKeepsAsManyFilesOfItsEventLogAsItsRunSays(t *testing.T) {
	for said, want := range map[string]int{"": 0, "5": 5, " 5 ": 5, "2147483647": 1<<31 - 1, "none": 0} {
		driver := &agentv1.SparkDriver{Properties: map[string]string{keptEventsSetting: said}}
		if got := keptEvents(driver); got != want {
			t.Errorf("%q keeps %d files, want %d", said, got, want)
		}
	}
}
