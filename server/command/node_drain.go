package command

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// DrainRoom is how many more workers of the cluster may be on their way out because their nodes drain.
type DrainRoom struct {
	Asks  int // executors that may be asked to leave
	Stops int // workers that may be stopped; what has to be stopped together may exceed it
}

// How long what is on its way out counts. What takes longer holds nobody up: an executor whose driver does not let it
// go, or a process that does not die.
const (
	askCounts  = 5 * time.Minute
	stopCounts = 2 * time.Minute // a worker that is stopped has 30 s
)

// RoomForDrains counts what is on its way out because of drains that go on. What ends for another reason does not
// count, such as a run that its user cancels: he says how long that may take, and drains would wait for it.
func RoomForDrains(view *state.View, limits Limits, now time.Time) DrainRoom {
	room := DrainRoom{Asks: limits.DrainAsks, Stops: limits.DrainStops}
	ended := map[*state.Attempt]bool{} // whose workers are all counted
	for node := range view.Nodes() {
		if !node.Draining() || !node.Here() {
			continue
		}
		for worker := range view.LiveWorkersOfNode(node.ID) {
			switch since := now.Sub(worker.LeavingSince); {
			case endedByDrain(view, worker):
				attempt := view.Attempt(worker.Run, worker.Attempt)
				if !ended[attempt] && now.Sub(attempt.Ended) < stopCounts {
					room.Stops -= liveOf(view, attempt)
				}
				ended[attempt] = true
			case worker.Leaving == state.LeavingStopped && since < stopCounts:
				room.Stops--
			case worker.Leaving == state.LeavingAsked && since < askCounts && active(view, worker):
				room.Asks--
			}
		}
	}
	return room
}

// liveOf counts the workers of an attempt, on whatever nodes.
func liveOf(view *state.View, attempt *state.Attempt) (count int) {
	for worker := range view.WorkersOfAttempt(attempt.Run, attempt.Number) {
		if worker.Live() {
			count++
		}
	}
	return count
}

// active says whether the attempt of a worker goes on.
func active(view *state.View, worker *state.Worker) bool {
	return view.Attempt(worker.Run, worker.Attempt).State.Active()
}

// endedByDrain says whether a drain ended the attempt of a worker.
func endedByDrain(view *state.View, worker *state.Worker) bool {
	return view.Attempt(worker.Run, worker.Attempt).Failure.Kind == state.FailedNodeDrained
}

// AdvanceDrain does the next step of a node's drain. The leader asks for one in every second.
type AdvanceDrain struct {
	Node string
	Room DrainRoom

	Left DrainRoom // the result: what is left of the room
}

// Decide releases the node's free slots, asks executors to leave, and stops what is no longer waited for. On a node
// that is not here nothing can be told to leave. When nothing is left the node is drained.
func (c *AdvanceDrain) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	c.Left = c.Room
	node := view.Node(c.Node)
	if node == nil || !node.Draining() {
		return nil, nil
	}
	s := &drainStep{
		Draft:  draft(view, meta),
		limits: meta.Limits,
		node:   node,
		due:    !meta.Now.Before(node.Drain.Deadline),
		left:   &c.Left,
	}
	if !releaseSlots(s.Draft, s.limits, slices.Collect(view.PoolOfNode(node.ID)), "its node drains") && node.Here() {
		s.empty()
	}
	if s.View().SlotsOfNode(node.ID) == 0 {
		s.Add(&eventv1.NodeDrained{NodeId: node.ID})
	}
	return s.Events(), nil
}

// drainStep is one step of a drain.
type drainStep struct {
	*fsm.Draft
	limits Limits
	node   *state.Node
	due    bool // the deadline is over
	left   *DrainRoom
}

// empty looks at each part of an attempt that is on the node: first those whose driver is elsewhere.
func (s *drainStep) empty() {
	parts := s.parts()
	s.hasten()
	for _, part := range parts {
		if part.driver == nil && !s.Full() {
			s.leave(part)
		}
	}
	for _, part := range parts {
		if part.driver != nil && !s.Full() && s.stopsDrivers(parts) && s.left.Stops > 0 {
			s.end(part)
		}
	}
}

// hasten ends, at the deadline, the patience with runs that are being cancelled: whoever cancelled them may have given
// them longer.
func (s *drainStep) hasten() {
	if !s.due {
		return
	}
	for _, worker := range slices.Collect(s.View().LiveWorkersOfNode(s.node.ID)) {
		if s.View().JobRun(worker.Run).State == state.RunCancelling && !s.Full() {
			s.leave(&part{run: worker.Run, attempt: worker.Attempt, others: []*state.Worker{worker}})
		}
	}
}

// part is what an attempt that goes on has on the node.
type part struct {
	run     string
	attempt uint32
	driver  *state.Worker // nil: it is elsewhere
	others  []*state.Worker
}

// parts groups the workers on the node by their runs, the oldest run first. Workers of an attempt that is over are
// being stopped already.
func (s *drainStep) parts() []*part {
	byRun := map[string]*part{}
	var parts []*part
	for worker := range s.View().LiveWorkersOfNode(s.node.ID) {
		if !active(s.View(), worker) {
			continue
		}
		p := byRun[worker.Run]
		if p == nil {
			p = &part{run: worker.Run, attempt: worker.Attempt}
			byRun[worker.Run] = p
			parts = append(parts, p)
		}
		if worker.Number == 0 {
			p.driver = worker
		} else {
			p.others = append(p.others, worker)
		}
	}
	slices.SortFunc(parts, func(a, b *part) int { return cmp.Compare(a.run, b.run) })
	return parts
}

// leave has workers leave whose driver is elsewhere. An executor is asked first, and a task, which nobody can ask, is
// waited for or stopped.
func (s *drainStep) leave(p *part) {
	var asked, stopped []string
	for _, worker := range p.others {
		executor := worker.Type == state.TypeExecutor
		switch {
		case worker.Leaving == state.LeavingStopped:
		case s.due || !executor && s.node.Drain.StopDrivers:
			if s.left.Stops > 0 {
				s.left.Stops--
				stopped = append(stopped, worker.ID)
			}
		case executor && worker.Leaving == 0 && s.left.Asks > 0:
			s.left.Asks--
			asked = append(asked, worker.ID)
		}
	}
	s.tell(p, asked, false)
	s.tell(p, stopped, true)
}

func (s *drainStep) tell(p *part, workers []string, stop bool) {
	for some := range slices.Chunk(workers, perStep(s.limits, slotBytes)) {
		s.Add(&eventv1.WorkersLeaving{
			JobRunId:  p.run,
			Attempt:   p.attempt,
			NodeId:    s.node.ID,
			WorkerIds: some,
			Stop:      stop,
		})
	}
}

// stopsDrivers says whether drivers are no longer waited for: at the deadline or, if they are to be stopped before it,
// when no executor of a driver elsewhere is left.
func (s *drainStep) stopsDrivers(parts []*part) bool {
	if s.due || !s.node.Drain.StopDrivers {
		return s.due
	}
	return !slices.ContainsFunc(parts, func(p *part) bool {
		return p.driver == nil && slices.ContainsFunc(p.others, func(w *state.Worker) bool {
			return w.Type == state.TypeExecutor
		})
	})
}

// end ends an attempt whose driver is on the node. Its workers are stopped, and the run is tried again.
func (s *drainStep) end(p *part) {
	run := s.View().JobRun(p.run)
	s.left.Stops -= liveOf(s.View(), s.View().Attempt(p.run, p.attempt))
	message := fmt.Sprintf("its driver was on node %s in zone %s, which is drained", s.node.Name, s.node.Zone)
	failAttempt(s.Draft, s.limits, run, state.Failure{
		Kind:    state.FailedNodeDrained,
		Message: with(message, s.node.Cordon.Reason),
	}, s.node.ID)
}
