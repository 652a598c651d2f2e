package dispatch

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/demand"
)

// oneView is a door that shows one view.
type oneView struct {
	Door
	view *state.View
}

func (d oneView) View() *state.View { return d.view }

// The node of a driver that cannot have all executors is told so at once, without any record; its executors are not.
func TestA14_IsToldAtOnceInItsAssignment(t *testing.T) {
	tx := slots().Begin()
	putSpark(t, tx, running("r", "app", "emr-7.2.0", sparkRun("--conf spark.executor.instances=2")), nil)
	tx.PutAttempt(state.Attempt{Run: "r", Number: 1, State: state.AttemptRunning, Zone: "a"})
	driver := &state.Worker{
		ID:          "d",
		Run:         "r",
		Application: "app",
		Attempt:     1,
		Type:        state.TypeDriver,
		Epoch:       1,
		Node:        "n1",
		State:       state.WorkerRunning,
	}
	executor := *driver
	executor.ID = "e"
	executor.Type = state.TypeExecutor
	executor.Number = 1
	executor.Node = "n2"
	tx.PutWorker(*driver)
	tx.PutWorker(executor)
	view := tx.Commit()
	demands := demand.NewStore()
	demands.Set(&agentv1.Demand{JobRunId: "r", Attempt: 1, Target: 2})
	d := New(Config{Demands: demands, Door: oneView{view: view}})
	ctx, cancel := context.WithCancel(t.Context())
	node := &session{dirty: make(chan struct{}, 1)}
	l := &leadership{dispatch: d, ctx: ctx, sessions: map[string]*session{"n1": node}}
	var following sync.WaitGroup
	following.Go(l.followShortages)
	short := demand.Shortage{Kind: "APPLICATION_LIMIT", Has: 1, Wants: 2, Message: strings.Repeat("m", 2*maxShortage)}
	at := demand.Attempt{Run: "r", Number: 1}
	demands.SetShortages(map[demand.Attempt]demand.Shortage{at: short})
	<-node.dirty
	told, _, err := assign(d, view, driver)
	if s := told.GetShortage(); err != nil || s.GetExecutors() != 1 || len(s.GetMessage()) > maxShortage ||
		!strings.HasPrefix(s.GetMessage(), "mmm") {
		t.Errorf("told is %v, %v", told, err)
	}
	if told, _, err := assign(d, view, &executor); err != nil || told.GetShortage() != nil {
		t.Errorf("an executor is told %v, %v", told.GetShortage(), err)
	}
	demands.SetShortages(nil)
	<-node.dirty
	if told, _, err := assign(d, view, driver); err != nil || told.GetShortage() != nil {
		t.Errorf("when it is over it is told %v, %v", told.GetShortage(), err)
	}
	cancel()
	following.Wait()
}
