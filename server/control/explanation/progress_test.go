package explanation

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/command"
)

// explainAs explains the run r in a state, with a driver on n1 and an executor on n2, and what those nodes say.
func explainAs(is state.JobRunState, said map[string]*agentv1.Progress) Explanation {
	tx := world()
	tx.PutRelease(state.Release{Label: "emr-7.2.0", Digest: []byte("digest"), SizeBytes: 410_000_000})
	run(tx, "b", "r", is)
	holds(tx, "b", "r", "n1", 4)
	holds(tx, "b", "r", "n2", 4)
	placed := tx.Commit()
	tx = placed.Begin()
	driver := *placed.Worker("r-n1")
	driver.Type = state.TypeDriver
	tx.PutWorker(driver)
	view := tx.Commit()
	return Of(Source{
		View:     view,
		Run:      view.JobRun("r"),
		Plan:     plan{},
		Limits:   command.DefaultLimits(),
		Progress: func(node string) *agentv1.Progress { return said[node] },
	})
}

// copying says that a node copies an archive.
func copying(digest string, bytes int64) *agentv1.Progress {
	return &agentv1.Progress{Copies: []*agentv1.ReleaseCopy{
		{Label: "whatever it says", Digest: []byte(digest), Bytes: bytes},
	}}
}

func TestD2_AScheduledRunSaysWhichNodeFetchesHowMuch(t *testing.T) {
	e := explainAs(state.RunScheduled, map[string]*agentv1.Progress{
		"n1": copying("digest", 120_000_000),
		"n2": copying("digest", 999_000_000), // more than there is
		"n3": copying("digest", 1),           // nothing of the run is there
	})
	const says = ": n1 fetches release emr-7.2.0: 120 of 410 MB; n2 unpacks release emr-7.2.0"
	if !strings.HasSuffix(e.Message, says) || len(e.Copies) != 2 || e.Copies[0].Bytes != 120_000_000 {
		t.Errorf("%q, %v", e.Message, e.Copies)
	}
	if e := explainAs(state.RunScheduled, map[string]*agentv1.Progress{"n1": copying("another", 5)}); e.Copies != nil {
		t.Errorf("another release: %q", e.Message)
	}
	if e := explainAs(state.RunSuccess, map[string]*agentv1.Progress{"n1": copying("digest", 5)}); e.Copies != nil {
		t.Errorf("after its end: %q", e.Message)
	}
}

// A run that waits until its application has started says where the release of its slots is fetched.
func TestD2_ARunThatWaitsForItsApplicationSaysWhoFetchesForItsSlots(t *testing.T) {
	tx := world()
	tx.PutRelease(state.Release{Label: "emr-7.2.0", Digest: []byte("digest"), SizeBytes: 410_000_000})
	run(tx, "a", "r", state.RunSubmitted)
	tx.PutSlot(state.Slot{ID: "s", Application: "a", Node: "n2", Size: cpus(1), Type: state.TypeDriver})
	tx.PutSlot(state.Slot{ID: "t", Application: "b", Node: "n1", Size: cpus(1), Type: state.TypeDriver})
	view := tx.Commit()
	source := Source{
		View:     view,
		Run:      view.JobRun("r"),
		Progress: func(string) *agentv1.Progress { return copying("digest", 120_000_000) },
	}
	if all := source.copies(); len(all) != 1 || all[0].Node != "n2" {
		t.Errorf("copies are %v", all)
	}
}

func TestD2_ARunningRunSaysItsStagesAsItsDriversNodeDoes(t *testing.T) {
	at := func(run string, attempt uint32) *agentv1.Progress {
		return &agentv1.Progress{Drivers: []*agentv1.SparkProgress{
			{JobRunId: run, Attempt: attempt, StagesDone: 2, Stages: 7, TasksDone: 120, Tasks: 400},
		}}
	}
	e := explainAs(state.RunRunning, map[string]*agentv1.Progress{"n1": at("r", 1)})
	if !strings.HasSuffix(e.Message, ": stage 3/7, tasks 120/400") || e.Spark.GetStages() != 7 {
		t.Errorf("%q, %v", e.Message, e.Spark)
	}
	for name, said := range map[string]map[string]*agentv1.Progress{
		"a node without the driver": {"n2": at("r", 1)},
		"of another run":            {"n1": at("other", 1)},
		"of another attempt":        {"n1": at("r", 2)},
	} {
		if e := explainAs(state.RunRunning, said); e.Spark != nil || strings.Contains(e.Message, "stage") {
			t.Errorf("%s: %q", name, e.Message)
		}
	}
}
