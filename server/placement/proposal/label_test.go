package proposal

import (
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/label"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// A book whose application, node or both say something else about labels holds what one that is made anew does.
func TestBook_FollowsConstraintsAndLabels(t *testing.T) {
	view := crowded(4, 3)
	decide := func(constraints ...string) func(*state.Tx) {
		return func(tx *state.Tx) {
			a := *view.Application("a01")
			a.Decide(specv1.Application_builder{
				Engine: specv1.Engine_ENGINE_PROCESS.Enum(), Constraints: constraints, Spread: new("rack"),
			}.Build())
			tx.PutApplication(a)
		}
	}
	relabel := func(disk string) func(*state.Tx) {
		return func(tx *state.Tx) {
			n := *view.Node("n00002")
			n.Labels = label.Of(map[string]string{"disk": disk})
			tx.PutNode(n)
		}
	}
	book := NewBook(NewMemory())
	book.Fill(Source{View: view, Now: start})
	for i, change := range []func(*state.Tx){
		decide("disk == nvme"), relabel("nvme"), decide("disk == hdd"), relabel("hdd"), decide(),
	} {
		tx := view.Begin()
		change(tx)
		view = tx.Commit()
		from := Source{View: view, Now: start}
		book.Follow(from, Changed{Rows: []*state.Changes{view.Changes()}})
		book.Cluster().Plan()
		if difference := book.Differs(Build(from, book.Memory())); difference != "" {
			t.Fatalf("after change %d: %s", i, difference)
		}
	}
}
