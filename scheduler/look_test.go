package scheduler

import (
	"fmt"
	"testing"

	"github.com/headrace/headrace/internal/label"
)

// Requests to which nothing can be promised, such as ones for a node that is taken for ever, come first at every look.
// They must not keep those after them from ever being looked at.
func TestPlan_LooksForAllInTurn(t *testing.T) {
	node := func(id string) Node {
		return Node{ID: id, Name: id, Zone: "a", Capacity: oneCore.Vector}
	}
	in := Input{Nodes: []Node{node("taken"), node("busy")}, Bounds: Bounds{Now: hour, Patience: minute, Look: true}}
	in.Occupants = func(id string) []Occupant {
		o := Occupant{ID: "on-" + id, Size: oneCore.Vector}
		if id == "busy" {
			o.Ends = 2 * hour
		}
		return []Occupant{o}
	}
	request := func(run string, since int64, on string) {
		only, err := label.Parse("node == " + on)
		if err != nil {
			t.Fatal(err)
		}
		in.Waiting = append(in.Waiting, Request{
			Run: run, Application: run, Attempt: 1, Submitted: since, Since: since,
			Driver: oneCore, Worker: oneCore, DriverRole: driverRole, WorkerRole: workerRole,
			Needs: Needs{Nodes: label.NewRules([]label.Constraint{only}, nil, "")},
		})
	}
	for i := range 5 * maxLooks {
		request(fmt.Sprint("never", i), 1, "taken")
	}
	request("soon", 2, "busy")
	for range 6 * maxLooks {
		if out := Plan(in); len(out.Promises) > 0 && out.Promises[0].Run == "soon" {
			return
		}
		in.Turn++
	}
	t.Error("nobody looked for what can be promised")
}
