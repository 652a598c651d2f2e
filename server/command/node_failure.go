package command

import (
	"fmt"
	"strings"
	"time"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// When a node is set aside, and for how long: asideFirst, then twice as long each time that it fails when it is tried
// again, up to asideMax.
const (
	failureWindow = 10 * time.Minute
	failuresAside = 3
	asideFirst    = 5 * time.Minute
	asideMax      = 2 * time.Hour
	asideShare    = 4 // at most one in so many of the nodes that are here
)

// blame is what one decision says against a node, in one way. What fails together counts once.
type blame struct {
	kind             state.NodeFailureKind
	application, run string // empty: of several
	any              bool
}

// on adds a worker, or a slot, to what failed.
func (b *blame) on(application, run string) {
	switch {
	case !b.any:
		*b = blame{b.kind, application, run, true}
	case b.application != application:
		b.application = ""
		b.run = ""
	case b.run != run:
		b.run = ""
	}
}

// refusedStarts is what statuses of a node say against it: workers that it refused to start.
func refusedStarts(before *state.View, node string, statuses []WorkerStatus) blame {
	b := blame{kind: state.NodeRefusedStart}
	for _, status := range statuses {
		worker := before.Worker(status.WorkerID)
		if status.Exit != nil && status.Exit.Reason == state.ExitStartRefused && worker != nil && worker.Live() &&
			worker.Node == node && worker.Epoch == status.Epoch {
			b.on(worker.Application, worker.Run)
		}
	}
	return b
}

// judge notes that a node failed, and sets it aside if it keeps failing. Of a node that an operator works on, or that
// is set aside already, nothing new is learnt by that.
func judge(d *fsm.Draft, meta Meta, id string, b blame) {
	node := d.View().Node(id)
	if !b.any || node == nil || node.Cordoned() || node.SetAside() || !meta.writes(&eventv1.NodeFailed{}) {
		return
	}
	d.Add(&eventv1.NodeFailed{
		NodeId:        id,
		Kind:          eventv1.NodeFailureKind(b.kind),
		ApplicationId: b.application,
		JobRunId:      b.run,
	})
	node = d.View().Node(id)
	if !keepsFailing(d.View(), node, d.Now()) || !maySetAside(d.View(), node) {
		return
	}
	d.Add(&eventv1.NodeSetAside{
		NodeId:        id,
		UntilUnixNano: state.Nano(d.Now().Add(pause(node))),
		Reason:        failuresSaid(node, d.Now()),
	})
}

// keepsFailing says whether the failures of a node are enough: several, or any of a node on trial, and not only because
// of what one user asks for.
func keepsFailing(view *state.View, node *state.Node, now time.Time) bool {
	var lately []state.NodeFailure
	for _, f := range node.Failures {
		if now.Sub(f.At) <= failureWindow {
			lately = append(lately, f)
		}
	}
	return (len(lately) >= failuresAside || node.Aside.OnTrial) && isItsOwn(view, lately)
}

// isItsOwn says whether failures are the node's and not of what is asked for: nobody is to take nodes from others by
// asking for what cannot be started or prepared. That it was lost is the node's; else two users have to meet it or, if
// all applications are one user's, two applications.
func isItsOwn(view *state.View, failures []state.NodeFailure) bool {
	applications := map[string]bool{}
	users := map[string]bool{}
	for _, f := range failures {
		if f.Kind == state.NodeLostWithWorkers {
			return true
		}
		applications[f.Application] = true
		if a := view.Application(f.Application); a != nil {
			users[a.CreatedBy] = true
		}
	}
	several := len(applications) > 1 || applications[""]
	return len(users) > 1 || several && haveOneUser(view)
}

// haveOneUser says whether one user created all applications.
func haveOneUser(view *state.View) bool {
	users := map[string]bool{}
	for a := range view.Applications("") {
		users[a.CreatedBy] = true
	}
	return len(users) == 1
}

// maySetAside says whether enough nodes take work without this one.
func maySetAside(view *state.View, node *state.Node) bool {
	here := 0
	aside := 0
	takes := 0
	for other := range view.Nodes() {
		if other.Here() {
			here++
		}
		if other.SetAside() {
			aside++
		}
		if other.Takes() && other.ID != node.ID {
			takes++
		}
	}
	return takes > 0 && aside < max(1, here/asideShare)
}

// pause returns for how long a node is set aside.
func pause(node *state.Node) time.Duration {
	if !node.Aside.OnTrial {
		return asideFirst
	}
	return min(2*node.Aside.Until.Sub(node.Aside.Since), asideMax)
}

// failuresSaid says for people how a node failed. Nothing of it is a user's text.
func failuresSaid(node *state.Node, now time.Time) string {
	counts := map[state.NodeFailureKind]int{}
	for _, f := range node.Failures {
		if now.Sub(f.At) <= failureWindow {
			counts[f.Kind]++
		}
	}
	var said []string
	for kind := state.NodeRefusedStart; kind <= state.NodeLostWithWorkers; kind++ {
		if n := counts[kind]; n > 0 {
			said = append(said, fmt.Sprintf("%s %d", kind, n))
		}
	}
	text := fmt.Sprintf("it failed within %s: %s", failureWindow, strings.Join(said, ", "))
	if node.Aside.OnTrial {
		text = "it failed again when it was tried: " + strings.Join(said, ", ")
	}
	return text
}

// TryNode takes the fact that the time is over for which a node was set aside.
type TryNode struct {
	Node string
}

// Decide puts the node on trial, if it is time.
func (c *TryNode) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	node := view.Node(c.Node)
	if node == nil || !ToBeTried(node, meta.Now) {
		return nil, nil
	}
	d := draft(view, meta)
	d.Add(&eventv1.NodeTakenBack{NodeId: node.ID, OnTrial: true})
	return d.Events(), nil
}

// ToBeTried says whether the time is over for which a node was set aside.
func ToBeTried(node *state.Node, now time.Time) bool {
	return node.SetAside() && !now.Before(node.Aside.Until)
}

// provesNode takes the fact that a node does well again, as a worker began to run on it.
func provesNode(d *fsm.Draft, id string) {
	if node := d.View().Node(id); node != nil && node.Doubtful() {
		d.Add(&eventv1.NodeTakenBack{NodeId: id})
	}
}
