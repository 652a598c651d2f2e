package agent

import (
	"os"
	"path/filepath"
	"testing"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

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
