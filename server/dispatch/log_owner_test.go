package dispatch

import (
	"context"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// logs is a state with runs whose workers are on the nodes n1 and n2: r is a PROCESS run whose task 1 ran again on n2,
// s a Spark run that may be tried again, q one that keeps no logs.
func logsOfRuns() *state.Tx {
	tx := state.New().Begin()
	for _, id := range []string{"n1", "n2"} {
		tx.PutNode(state.Node{ID: id, Name: "node-" + id, Zone: "a", State: state.NodeReady, Joined: noon})
	}
	r := processRun(specv1.Process_builder{})
	s := sparkRun("")
	q := processRun(specv1.Process_builder{})
	s.RetryPolicy = attempts(2)
	q.ConfigurationOverrides = monitored(managed(false))
	for id, said := range map[string]specv1.JobRun_builder{"r": r, "s": s, "q": q} {
		tx.PutJobRun(running(id, "app", "", said))
	}
	put := func(run, id, node string, attempt, number, epoch uint32, as state.WorkerType, is state.WorkerState) {
		tx.PutWorker(state.Worker{
			ID:          id,
			Run:         run,
			Application: "app",
			Attempt:     attempt,
			Number:      number,
			Epoch:       epoch,
			Type:        as,
			Node:        node,
			State:       is,
			Placed:      noon,
			Ended:       time.Now().Add(-time.Hour),
		})
	}
	put("r", "r0", "n1", 1, 0, 1, state.TypeDriver, state.WorkerRunning)
	put("r", "r1", "n1", 1, 1, 1, state.TypeTask, state.WorkerEnded)
	put("r", "r1-2", "n2", 1, 1, 2, state.TypeTask, state.WorkerRunning)
	put("s", "s1-0", "n1", 1, 0, 1, state.TypeDriver, state.WorkerEnded)
	put("s", "s2-0", "n1", 2, 0, 1, state.TypeDriver, state.WorkerEnded) // its node refused it
	put("s", "s2-0-2", "n2", 2, 0, 2, state.TypeDriver, state.WorkerRunning)
	put("s", "s2-1", "n1", 2, 1, 1, state.TypeExecutor, state.WorkerRunning)
	put("q", "q0", "n1", 1, 0, 1, state.TypeDriver, state.WorkerRunning)
	return tx
}

func TestMayStore_OnlyWhatTheNodesOwnWorkersWrite(t *testing.T) {
	d := New(Config{Door: &weighingDoor{}, LogRetention: 24 * time.Hour})
	view := logsOfRuns().Commit()
	const base = "applications/app/jobs/"
	for path, nodes := range map[string]string{
		base + "r/PROCESS_DRIVER/stdout.gz":                         "n1",
		base + "r/PROCESS_DRIVER/archived/stdout_0.gz":              "n1",
		base + "r/PROCESS_TASK/1/stderr.gz":                         "n1",
		base + "r/PROCESS_TASK/1-2/stderr.gz":                       "n2",
		base + "s/attempts/1/SPARK_DRIVER/stdout.gz":                "n1",
		base + "s/attempts/2/SPARK_DRIVER/stdout.gz":                "n2",
		base + "s/attempts/2/SPARK_EXECUTOR/1/stdout.gz":            "n1",
		base + "s/attempts/1/sparklogs/eventlog_v2_s/events_1_s":    "n1",
		base + "s/attempts/2/sparklogs/eventlog_v2_s/appstatus_s":   "n2",
		base + "s/SPARK_DRIVER/stdout.gz":                           "", // its attempts are kept apart
		base + "s/sparklogs/x":                                      "",
		base + "r/attempts/1/PROCESS_DRIVER/stdout.gz":              "", // its are not
		base + "r/sparklogs/x":                                      "", // it is no Spark
		base + "r/SPARK_DRIVER/stdout.gz":                           "", // of another kind than its workers
		base + "r/PROCESS_TASK/2/stdout.gz":                         "",
		base + "r/PROCESS_TASK/1-3/stdout.gz":                       "",
		base + "r/PROCESS_DRIVER/notes.gz":                          "",
		base + "q/PROCESS_DRIVER/stdout.gz":                         "", // it keeps none
		base + "none/PROCESS_DRIVER/stdout.gz":                      "",
		"applications/other/jobs/r/PROCESS_DRIVER/stdout.gz":        "",
		base + "r/PROCESS_DRIVER/../../s/attempts/2/sparklogs/x":    "",
		base + "r/PROCESS_DRIVER/archived/../../../other/stdout.gz": "",
	} {
		for _, node := range []string{"n1", "n2"} {
			if err := d.mayStore(t.Context(), view, view.Node(node), path); (err == nil) != (nodes == node) {
				t.Errorf("%s stores %s: %v", node, path, err)
			}
		}
	}
}

func TestMayStore_SaysWhatItDoesNotKnowFromWhatItRefuses(t *testing.T) {
	d := New(Config{Door: &weighingDoor{}, LogRetention: 30 * time.Minute})
	view := logsOfRuns().Commit()
	for path, kind := range map[string]errs.Kind{
		"applications/app/jobs/later/PROCESS_DRIVER/stdout.gz": errs.NotFound, // this server may be behind
		"applications/app/jobs/r/PROCESS_TASK/1-3/stdout.gz":   errs.NotFound,
		"applications/app/jobs/r/PROCESS_TASK/1-2/stdout.gz":   errs.Forbidden,
		"applications/app/jobs/r/PROCESS_TASK/1/stdout.gz":     errs.WrongState, // it ended an hour ago
		"applications/app": errs.Invalid,
	} {
		if err := d.mayStore(t.Context(), view, view.Node("n1"), path); !errs.Is(err, kind) {
			t.Errorf("%s: %v, not %s", path, err, kind)
		}
	}
}

// Logs come late, when a node was away: the run of their worker may have left the state for the history.
func TestMayStore_LogsOfARunThatLeftTheState(t *testing.T) {
	recalled := logsOfRuns().Commit()
	d := New(Config{
		Door:         &weighingDoor{},
		LogRetention: 24 * time.Hour,
		Recall: func(_ context.Context, view *state.View, run string) (*state.View, error) {
			if run != "r" {
				return view, nil
			}
			return recalled, nil
		},
	})
	const none = errs.Kind(-1)
	tx := state.New().Begin()
	tx.PutNode(*recalled.Node("n1"))
	view := tx.Commit()
	for path, kind := range map[string]errs.Kind{
		"applications/app/jobs/r/PROCESS_DRIVER/stdout.gz":     none,
		"applications/app/jobs/r/PROCESS_TASK/1-2/stderr.gz":   errs.Forbidden, // it was on n2
		"applications/app/jobs/never/PROCESS_DRIVER/stdout.gz": errs.NotFound,
	} {
		err := d.mayStore(t.Context(), view, view.Node("n1"), path)
		if (err == nil) != (kind == none) || err != nil && !errs.Is(err, kind) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A forgotten node's id is free. Who has it next did not hold what was on it before.
func TestMayStore_ANodeThatJoinedLaterHeldNothingBefore(t *testing.T) {
	tx := logsOfRuns()
	tx.PutNode(state.Node{ID: "n1", Name: "another", Zone: "a", State: state.NodeReady, Joined: noon.Add(time.Second)})
	d := New(Config{Door: &weighingDoor{}, LogRetention: 24 * time.Hour})
	view := tx.Commit()
	err := d.mayStore(t.Context(), view, view.Node("n1"), "applications/app/jobs/r/PROCESS_TASK/1/stderr.gz")
	if !errs.Is(err, errs.Forbidden) {
		t.Errorf("a node stores what another one's worker wrote: %v", err)
	}
}

// With an object store for managed logs the servers keep none.
func TestMayStore_NothingThatIsKeptElsewhere(t *testing.T) {
	d := New(Config{Door: &weighingDoor{}, LogRetention: 24 * time.Hour, LogStorage: "s3://logs"})
	view := logsOfRuns().Commit()
	err := d.mayStore(t.Context(), view, view.Node("n1"), "applications/app/jobs/r/PROCESS_DRIVER/stdout.gz")
	if !errs.Is(err, errs.Forbidden) {
		t.Errorf("got %v", err)
	}
}
