package dispatch

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Bounds of a session's queues. If an agent does not read what it is told, or reports faster than the log takes it, it
// loses its session and begins again with a complete assignment.
const (
	maxOutbound = 256
	maxReports  = 64
)

// session is one agent's connection. Its goroutines end with its stream or with the leadership. Messages of its context
// name its node.
type session struct {
	node       string // its id
	name       string // of the node, for the log
	stream     agentv1.AgentService_SessionServer
	leadership *leadership
	ctx        context.Context
	cancel     context.CancelCauseFunc
	dirty      chan struct{} // holds one token while the node's assignment may have changed
	out        chan *agentv1.SessionResponse
	reports    chan *agentv1.Report

	inventory inventory

	// What the agent says for people, and nobody decides by; nil: nothing yet. It is forgotten with the session.
	progress atomic.Pointer[agentv1.Progress]
	warmth   atomic.Pointer[warmths]

	says, writes, holds *rate.Limiter // messages, reports to the door, changes of its releases
}

// newSession returns the session of a node; cancel ends it.
func newSession(
	ctx context.Context,
	cancel context.CancelCauseFunc,
	l *leadership,
	node string,
	stream agentv1.AgentService_SessionServer,
) *session {
	return &session{
		node:       node,
		stream:     stream,
		leadership: l,
		ctx:        ctx,
		cancel:     cancel,
		dirty:      make(chan struct{}, 1),
		out:        make(chan *agentv1.SessionResponse, maxOutbound),
		reports:    make(chan *agentv1.Report, maxReports),
		inventory:  newInventory(),
		says:       rate.NewLimiter(saysPerSecond, saysAtOnce),
		writes:     rate.NewLimiter(reportsPerSecond, reportsAtOnce),
		holds:      rate.NewLimiter(holdsPerSecond, holdsAtOnce),
	}
}

var errLeft = errs.New(errs.Unavailable, "the node has left its session")

var errReplaced = errs.New(errs.Unavailable, "the node opened a newer session; if that happens again and again, "+
	"two agents have the same id, because the data directory of one is a copy of the other's: stop one, remove node.json "+
	"from its data_dir, and give it a node_name of its own")

// cfg is the configuration of this server's dispatch.
func (s *session) cfg() *Config { return &s.leadership.dispatch.cfg }

// touch says that the node's assignment may have changed.
func (s *session) touch() {
	select {
	case s.dirty <- struct{}{}:
	default:
	}
}

// send queues a message; a full queue ends the session.
func (s *session) send(m *agentv1.SessionResponse) {
	select {
	case s.out <- m:
	default:
		s.cancel(errs.New(errs.Overloaded,
			"node %s does not read what it is told: %d messages wait", s.node, maxOutbound))
	}
}

// run serves the session until it ends, and says why. Only receive outlives it, by the moment that gRPC takes to end
// the stream of a handler that has returned. A panic ends this session alone.
func (s *session) run() error {
	part := func(what string, work func() error) {
		s.cancel(s.cfg().Panics.Do(what, work, "node", s.name))
	}
	go part("taking what an agent says", s.receive)
	var group sync.WaitGroup
	group.Go(func() { part("recording what an agent reports", s.report) })
	group.Go(func() { part("telling an agent what to run", s.tell) })
	group.Wait()
	return context.Cause(s.ctx)
}

// receive takes what the agent says.
func (s *session) receive() error {
	for {
		m, err := s.stream.Recv()
		if errors.Is(err, io.EOF) {
			return errLeft
		}
		if err != nil {
			return err
		}
		if err := s.says.Wait(s.ctx); err != nil {
			return err
		}
		if err := s.take(m); err != nil {
			return err
		}
	}
}

func (s *session) take(m *agentv1.SessionRequest) error {
	switch m := m.GetMessage().(type) {
	case *agentv1.SessionRequest_Renew:
		return s.renew(m.Renew)
	case *agentv1.SessionRequest_InventoryPart:
		return s.queueInventory(m.InventoryPart)
	case *agentv1.SessionRequest_Report:
		return s.queueReport(m.Report)
	case *agentv1.SessionRequest_Progress:
		return s.takeProgress(m.Progress)
	case *agentv1.SessionRequest_Demand:
		_ = s.cfg().Panics.Do("a driver's demand", func() error { // logged; the node has other drivers
			s.leadership.demand(s.node, m.Demand)
			return nil
		}, "node", s.name)
	default:
		return errs.New(errs.Invalid, "cannot take a second registration, or an empty message, on a session")
	}
	return nil
}

// queueInventory queues a part of the inventory. The agent waits while the log has not taken the parts before.
func (s *session) queueInventory(part *agentv1.InventoryPart) error {
	select {
	case <-s.inventory.whole:
		return errs.New(errs.Invalid, "cannot take more of an inventory that has ended")
	case s.inventory.parts <- part:
	case <-s.ctx.Done():
	}
	return nil
}

// queueReport queues a report; a full queue is an error.
func (s *session) queueReport(report *agentv1.Report) error {
	if err := checkReport(report); err != nil {
		return err
	}
	select {
	case s.reports <- report:
		return nil
	default:
		return errs.New(errs.Overloaded,
			"node %s reports faster than the log takes it: %d reports wait", s.node, maxReports)
	}
}

func (s *session) renew(m *agentv1.Renew) error {
	if err := checkRenew(m); err != nil {
		return err
	}
	s.takeWarmth(m)
	milliseconds := min(max(m.GetWantedMilliseconds(), 0), maxLease.Milliseconds())
	wanted := time.Duration(milliseconds) * time.Millisecond
	left := s.leadership.leases.grant(s.node, wanted, s.cfg().Door.LastContact(), time.Now())
	renewed := &agentv1.Renewed{Number: m.GetNumber(), LeaseMilliseconds: left.Milliseconds()}
	s.send(&agentv1.SessionResponse{Message: &agentv1.SessionResponse_Renewed{Renewed: renewed}})
	return nil
}

// report brings the inventory and then reports to the door, one after another, and acknowledges each report once it is
// in the log.
func (s *session) report() error {
	if err := s.takeInventory(); err != nil {
		return err
	}
	for {
		select {
		case <-s.ctx.Done():
			return nil
		case r := <-s.reports:
			if err := s.writes.Wait(s.ctx); err != nil {
				return nil // the session has ended
			}
			if err := s.record(r); err != nil {
				return err
			}
			s.acknowledge(r)
		}
	}
}

func (s *session) acknowledge(r *agentv1.Report) {
	acknowledged := &agentv1.ReportAcknowledged{Number: r.GetNumber()}
	s.send(&agentv1.SessionResponse{
		Message: &agentv1.SessionResponse_ReportAcknowledged{ReportAcknowledged: acknowledged},
	})
}

// tell sends what the node is to run whenever that may have changed, once all that the node has is in the log. It also
// sends everything else that is queued.
func (s *session) tell() error {
	var told assignments
	var dirty <-chan struct{} // nil until then: what the node no longer has would be begun anew
	whole := s.inventory.whole
	for {
		select {
		case <-s.ctx.Done():
			return nil
		case <-whole:
			whole = nil
			dirty = s.dirty
		case m := <-s.out:
			if err := s.stream.Send(m); err != nil {
				return err
			}
		case <-dirty:
			if err := s.tellAssignment(&told); err != nil {
				return err
			}
		}
	}
}

// flush sends what is queued. So what was said before a part of an assignment is told before it, the greeting above
// all, and renewals do not wait for all parts.
func (s *session) flush() error {
	for {
		select {
		case m := <-s.out:
			if err := s.stream.Send(m); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// tellAssignment tells what is news. A node that was forgotten while it was here loses its session; if it comes again,
// it joins anew.
func (s *session) tellAssignment(told *assignments) error {
	d := s.leadership.dispatch
	view := d.cfg.Door.View()
	if view.Node(s.node) == nil {
		return errs.New(errs.Unavailable, "node %s was forgotten: register again", s.node)
	}
	broken, err := told.tell(d, view, s.node, s.leadership.term, func(part *agentv1.Assignment) error {
		if err := s.flush(); err != nil {
			return err
		}
		return s.stream.Send(&agentv1.SessionResponse{Message: &agentv1.SessionResponse_Assignment{Assignment: part}})
	})
	if err != nil {
		return err
	}
	for _, attempt := range broken {
		s.leadership.failAttempt(s.ctx, attempt)
	}
	return s.flush()
}
