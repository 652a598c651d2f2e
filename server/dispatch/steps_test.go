package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/demand"
	"github.com/headrace/headrace/server/placement/avoidance"
)

// catchingDoor is a weighing door that catches what panics, as the real one does.
type catchingDoor struct {
	weighingDoor
	limits command.Limits
	panics *caught.Panics
	steps  int
}

func (d *catchingDoor) LastContact() time.Time { return time.Now() }

func (d *catchingDoor) Execute(ctx context.Context, decide consensus.Decision) (applied consensus.Applied, err error) {
	d.steps++
	before := d.view
	err = d.panics.Do("a decision", func() error {
		events, err := decide(d.view, command.Meta{Limits: d.limits, Now: time.Unix(1_800_000_000, 0)})
		if err != nil {
			return err
		}
		_, err = d.weighingDoor.Execute(
			ctx, func(*state.View, command.Meta) ([]*eventv1.Event, error) { return events, nil },
		)
		return err
	})
	if err != nil {
		d.view = before
	}
	return consensus.Applied{}, err
}

// leadershipOver returns a leadership over that view, with a door of its own.
func leadershipOver(t *testing.T, view *state.View) (*leadership, *catchingDoor) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	door := &catchingDoor{
		weighingDoor: weighingDoor{view: view},
		limits:       command.DefaultLimits(),
		panics:       caught.New(log),
	}
	door.limits.StepBytes = 32 << 10 // ids are short here
	d := New(Config{
		Door:    door,
		Demands: demand.NewStore(),
		Avoided: avoidance.NewStore(),
		Lease:   usual,
		Margin:  margin,
		Log:     log,
		Panics:  door.panics,
	})
	return &leadership{
		dispatch: d,
		ctx:      t.Context(),
		leases:   newLeases(usual, margin),
		sessions: map[string]*session{},
		locks:    map[string]*nodeLock{},
		rests:    map[string]time.Time{},
	}, door
}

// overdue is when every lease has ended that began long ago.
var overdue = time.Now().Add(-time.Hour)

func TestLoseNodes_TakesStepsThatFitIntoRecords(t *testing.T) {
	lost, door := leadershipOver(t, array(4, 1023, 10))
	lost.leases.begin("n1", overdue)
	lost.loseNodes(time.Now())
	node := door.view.Node("n1")
	if node.State != state.NodeLost || door.view.SlotsOfNode("n1") != 0 || door.steps < 3 || door.largest > 36<<10 {
		t.Errorf("after %d steps of at most %d bytes the node is %s with %d slots",
			door.steps, door.largest, node.State, door.view.SlotsOfNode("n1"))
	}
}

// Another leader knows no lease of the node that its predecessor began to lose, and loses it all the same.
func TestLoseNodes_GoesOnWithWhatAnotherLeaderBegan(t *testing.T) {
	_, door := leadershipOver(t, array(4, 1023, 10))
	begun := &command.LoseNode{Node: "n1", Reason: "its lease ran out", Sparing: map[string]bool{}}
	if _, err := door.Execute(t.Context(), begun.Decide); err != nil || !begun.More {
		t.Fatal(err, begun.More)
	}
	next, door := leadershipOver(t, door.view)
	next.leaseAll(door.view, time.Now())
	next.loseNodes(time.Now())
	if node := door.view.Node("n1"); node.State != state.NodeLost || node.StateDetails != "its lease ran out" {
		t.Errorf("the node is %s: %q", node.State, node.StateDetails)
	}
}

// One worker whose end panics keeps its node from being lost, which is tried again after a rest; all others end at
// once.
func TestLoseNodes_SparesAWorkerWhoseEndPanics(t *testing.T) {
	tx := array(1, 3, 10).Begin()
	tx.PutJobRun(running("bad", "other", "process", specv1.JobRun_builder{})) // without an attempt
	put(tx, state.Worker{ID: "bad-w", Run: "bad", Type: state.TypeDriver})
	lost, door := leadershipOver(t, tx.Commit())
	lost.leases.begin("n1", overdue)
	lost.loseNodes(time.Now())
	if node := door.view.Node("n1"); node.State != state.NodeLosing || door.view.SlotsOfNode("n1") != 1 ||
		door.panics.Count() == 0 {
		t.Errorf("the node is %s with %d slots, %d panics",
			node.State, door.view.SlotsOfNode("n1"), door.panics.Count())
	}
	steps := door.steps
	panics := door.panics.Count()
	lost.loseNodes(time.Now())
	if door.steps != steps || door.panics.Count() != panics {
		t.Errorf("it was tried again at once: %d steps more", door.steps-steps)
	}
	lost.loseNodes(time.Now().Add(2 * againAfter))
	if door.steps == steps {
		t.Error("it was never tried again")
	}
}

// What a driver says goes into the leader's memory and to every executor.
func TestDemand_FailsADriverThatSaysMoreThanThereCanBe(t *testing.T) {
	for what, wanted := range map[string]*agentv1.Demand{
		"stops":    {Stop: make([]uint32, maxStops+1)},
		"settings": {Launch: &agentv1.ExecutorLaunch{DriverUrl: strings.Repeat("x", maxLaunch+1)}},
	} {
		tn, door := leadershipOver(t, array(1, 1, 10))
		wanted.JobRunId = "run-0000"
		wanted.Attempt = 1
		tn.demand("n1", wanted)
		if run := door.view.JobRun("run-0000"); run.State != state.RunFailed ||
			!strings.Contains(fmt.Sprint(run.Failure), "the limits are 65536 and 65536") {
			t.Errorf("%s: the run is %s: %v", what, run.State, run.Failure)
		}
		if tn.dispatch.cfg.Demands.Get("run-0000", 1) != nil {
			t.Errorf("%s: the demand is kept", what)
		}
	}
}
