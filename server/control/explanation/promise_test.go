package explanation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
	"github.com/headrace/headrace/server/command"
)

func TestOf_NamesThePromisedNodes(t *testing.T) {
	tx := world()
	run(tx, "b", "r", state.RunPending)
	view := tx.Commit()
	promise := scheduler.Promise{Due: state.Nano(noon.Add(time.Hour))}
	for i := range 2 * maxPromised {
		promise.Nodes = append(promise.Nodes, scheduler.Promised{Node: fmt.Sprint("n", i)})
	}
	e := Of(Source{
		View:   view,
		Run:    view.JobRun("r"),
		Plan:   promised{plan{"r": {Run: "r", Kind: scheduler.WaitNoRoom}}, promise},
		Limits: command.DefaultLimits(),
	})
	if !slices.Equal(e.Promised, []string{"n1", "n2", "n3"}) || !e.Until.Equal(noon.Add(time.Hour)) {
		t.Errorf("promised are %v until %s", e.Promised, e.Until)
	}
	if e := explain(view, "r", plan{"r": {Run: "r", Kind: scheduler.WaitNoRoom}}); e.Promised != nil || !e.Until.IsZero() {
		t.Errorf("without a promise they are %v until %s", e.Promised, e.Until)
	}
}

// promised is a plan that has promised the same to every run.
type promised struct {
	plan
	promise scheduler.Promise
}

func (p promised) Promise(string) (scheduler.Promise, bool) { return p.promise, true }
