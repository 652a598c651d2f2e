package explanation

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/scheduler"
)

// waiting explains a run, or the further workers of one, that the newest plan found no room for.
func (s Source) waiting(wait scheduler.Wait) Explanation {
	e := Explanation{Kind: wait.Kind, Message: wait.Message, Holders: s.holders(wait.Kind)}
	e.NextStep = s.nextStep(wait.Kind, e.Holders)
	s.otherNodes(&e, wait.Kind)
	s.promised(&e)
	if s.Run.State == state.RunPending {
		e.Message += s.until(s.Limits.Pending)
	}
	return e
}

// holders names who holds what a wait is for. For a limit, these are the application's runs; for the quota, all; for
// room, those in the zones where the run could be.
func (s Source) holders(kind scheduler.WaitKind) []Holder {
	var counts func(*state.Slot) bool
	switch kind {
	case scheduler.WaitApplicationLimit:
		counts = func(slot *state.Slot) bool { return slot.Application == s.Run.Application }
	case scheduler.WaitAccountQuota:
		counts = func(*state.Slot) bool { return true }
	case scheduler.WaitNoRoom:
		zone := s.zone()
		counts = func(slot *state.Slot) bool {
			node := s.View.Node(slot.Node)
			return node.State == state.NodeReady && (zone == "" || node.Zone == zone)
		}
	default:
		return nil
	}
	held := map[Holder]sum{}
	s.add(held, counts)
	return largest(held)
}

// zone is where the run's workers have to be; empty: the scheduler may choose one.
func (s Source) zone() string {
	if attempt := s.View.Attempt(s.Run.ID, s.Run.Attempt); attempt != nil && attempt.State.Active() {
		return attempt.Zone
	}
	return ""
}

// maxPromised bounds the promised nodes that are named.
const maxPromised = 100

// promised names the nodes that are promised to the run.
func (s Source) promised(e *Explanation) {
	promise, ok := s.Plan.Promise(s.Run.ID)
	if !ok {
		return
	}
	e.Until = state.Moment(promise.Due)
	for _, promised := range promise.Nodes[:min(len(promise.Nodes), maxPromised)] {
		if node := s.View.Node(promised.Node); node != nil {
			e.Promised = append(e.Promised, node.Name)
		}
	}
}
