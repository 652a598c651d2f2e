package agent

import (
	"os"
	"path/filepath"
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
		"applications/a/jobs/r/SPARK_DRIVER":                spark(&worker{Type: "DRIVER", Attempt: 1, Epoch: 2}),
		"applications/a/jobs/r/attempts/3/SPARK_DRIVER":     spark(&worker{Type: "DRIVER", Attempt: 3, AttemptsApart: true}),
		"applications/a/jobs/r/SPARK_EXECUTOR/7":            spark(&worker{Type: "EXECUTOR", Number: 7, Epoch: 1}),
		"applications/a/jobs/r/attempts/2/SPARK_EXECUTOR/7": spark(&worker{Type: "EXECUTOR", Number: 7, Attempt: 2, AttemptsApart: true}),
		"applications/a/jobs/r/PROCESS_DRIVER":              process(&worker{Type: "DRIVER"}),
		"applications/a/jobs/r/PROCESS_TASK/4-3":            process(&worker{Type: "TASK", Number: 4, Epoch: 3}),
		"applications/a/jobs/r/HIVE_DRIVER":                 spark(&worker{Type: "HIVE_DRIVER"}),
		"applications/a/jobs/r/TEZ_TASK/1":                  spark(&worker{Type: "TEZ_TASK", Number: 1}),
	} {
		if got := logFolder(w); got != want {
			t.Errorf("logs are in %s, want %s", got, want)
		}
	}
}

func TestLogs_OfRealWorkersLieAsTheyAreShipped(t *testing.T) {
	server, _ := serve(t)
	config := configFor(t, server)
	run(t, config, Engines{})
	receive(t, "a registration", server.registers)
	once, tried := script(idOf(t)+"-once", "echo once"), script(idOf(t)+"-tried", "echo tried >&2")
	task := script(idOf(t)+"-task", "echo task")
	once.JobRunId, tried.JobRunId, task.JobRunId = "once", "tried", "tried"
	tried.Attempt, task.Attempt, tried.AttemptsApart, task.AttemptsApart = 2, 2, true, true
	task.Type, task.Number = "TASK", 1
	server.assign(t, complete(1, once, tried, task))
	for _, w := range []*agentv1.AssignedWorker{once, tried, task} {
		eventually(t, "the inventory has its end", func() bool {
			server.cut()
			for _, status := range receive(t, "a registration", server.registers).GetInventory() {
				if status.GetWorkerId() == w.GetWorkerId() && status.GetPhase() == agentv1.Phase_PHASE_ENDED {
					return true
				}
			}
			return false
		})
	}
	for path, want := range map[string]string{
		"once/PROCESS_DRIVER/stdout": "once\n", "tried/attempts/2/PROCESS_DRIVER/stderr": "tried\n",
		"tried/attempts/2/PROCESS_TASK/1-2/stdout": "task\n",
	} {
		content, err := os.ReadFile(filepath.Join(config.DataDir, "logs/applications/app/jobs", path))
		if err != nil || string(content) != want {
			t.Errorf("%s has %q, %v", path, content, err)
		}
	}
	var text string
	stream := readLog(t, server, &agentv1.ReadLog{WorkerId: tried.GetWorkerId(), Stream: "stderr"})
	if end := collect(t, stream, &text, "all"); end.GetError() != "" || text != "tried\n" {
		t.Errorf("it reads as %q, %v", text, end)
	}
}
