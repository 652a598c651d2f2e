package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/agent/lease"
	"github.com/headrace/headrace/agent/outbox"
	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// leaveTimeout bounds how long an agent that leaves waits for its longer lease.
const leaveTimeout = time.Second

// holdingsEvery is how often the agent looks for releases that came or went without it.
const holdingsEvery = 2 * time.Second

// errSilent breaks a session.
var errSilent = errors.New("the leader was silent for too long")

// session is one connection to a leader. One goroutine receives; the one that called run does everything else, so
// nothing here is locked.
type session struct {
	config     *Config
	newest     *position // of the assignments that were taken, over all sessions
	leader     string
	cause      error  // why no connection to the leader can stand; nil: one may
	trouble    string // why the agent ended the session before itself; empty: it did not
	registered bool

	stream   grpc.BidiStreamingClient[agentv1.SessionRequest, agentv1.SessionResponse]
	received chan *agentv1.SessionResponse
	broken   chan error // why the stream ended

	term     uint64
	complete bool                       // all parts of the complete assignment were received
	named    named                      // by the parts of the assignment that is being received
	renewals map[uint64]runtime.Instant // when they were sent, of those without an answer
	number   uint64                     // of the newest renewal
	watchdog *time.Timer                // breaks the stream when the leader is silent, also while a send hangs
	reported time.Time                  // when the report that is on its way was sent last
	releases []string                   // as told last
	progress bool                       // the leader takes what the node is doing
}

// run holds the session until it breaks or the context ends; then it asks for a longer lease if workers stay.
func (s *session) run(ctx context.Context) (err error) {
	conn, err := s.config.Servers.Dial(s.leader)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	defer func() { s.cause = conn.Cause() }() // however the session ends
	streamCtx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	s.watchdog = time.AfterFunc(s.config.Lease.Usual()/4, func() { cancel(errSilent) })
	defer s.watchdog.Stop()
	defer context.AfterFunc(ctx, func() { s.watchdog.Reset(leaveTimeout) })()
	if s.stream, err = agentv1.NewAgentServiceClient(conn).Session(streamCtx); err != nil {
		return err
	}
	s.received = make(chan *agentv1.SessionResponse)
	s.broken = make(chan error, 1)
	received := make(chan struct{})
	go func() {
		defer close(received)
		s.receive(streamCtx)
	}()
	defer func() { cancel(nil); <-received }()
	if err = s.register(ctx); err == nil {
		err = s.serve(ctx)
	}
	if context.Cause(streamCtx) != nil {
		return context.Cause(streamCtx)
	}
	return err
}

// receive hands on what the leader says, until the stream ends.
func (s *session) receive(ctx context.Context) {
	for {
		response, err := s.stream.Recv()
		if err != nil {
			s.broken <- err
			return
		}
		select {
		case s.received <- response:
		case <-ctx.Done():
			s.broken <- ctx.Err()
			return
		}
	}
}

// register opens the session with everything that the node has, and waits for the leader's word.
func (s *session) register(ctx context.Context) error {
	hello := proto.CloneOf(s.config.Node)
	s.releases = s.config.Holdings()
	inventory := slices.Collect(slices.Chunk(s.config.Fleet.Inventory(), outbox.MaxBatch))
	hello.Releases = s.releases
	hello.Trouble = s.trouble
	if len(inventory) > 0 {
		hello.Inventory = inventory[0]
		hello.InventoryGoesOn = len(inventory) > 1
	}
	hello.JavaVersions, hello.PythonVersion = s.config.Runtimes()
	sent := s.config.Lease.Now()
	if err := s.send(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Register{Register: hello}}); err != nil {
		return err
	}
	select {
	case response := <-s.received:
		if err := s.begin(response.GetRegistered(), sent); err != nil {
			return err
		}
		return s.sendInventory(inventory)
	case err := <-s.broken:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// sendInventory sends what did not fit into the registration.
func (s *session) sendInventory(parts [][]*agentv1.WorkerStatus) error {
	for i, part := range parts {
		if i == 0 {
			continue
		}
		message := &agentv1.SessionRequest_InventoryPart{
			InventoryPart: &agentv1.InventoryPart{Workers: part, GoesOn: i < len(parts)-1},
		}
		if err := s.send(&agentv1.SessionRequest{Message: message}); err != nil {
			return err
		}
	}
	return nil
}

// begin takes the leader's word: a full lease.
func (s *session) begin(r *agentv1.Registered, sent runtime.Instant) error {
	switch {
	case r == nil:
		return errors.New("the leader's first message was not Registered")
	case r.GetTerm() < s.newest.term:
		return fmt.Errorf("the leader is of term %d, and term %d was seen", r.GetTerm(), s.newest.term)
	case r.GetLeaseMilliseconds() <= 0:
		return errors.New("the leader granted no lease")
	}
	length := lease.Of(r.GetLeaseMilliseconds())
	s.config.Lease.SetUsual(length)
	if err := s.config.Lease.Grant(sent, length); err != nil {
		return err
	}
	if err := s.config.Servers.Learn(r); err != nil {
		s.config.Logger.Error("cannot remember the servers", "error", err)
	}
	s.term = r.GetTerm()
	s.registered = true
	s.watchdog.Reset(length / 2)
	s.renewals = map[uint64]runtime.Instant{}
	if r.GetHeldBack() {
		s.config.Logger.Warn("this node is given nothing until an operator approves it: headrace node approve " +
			s.config.Node.GetName())
	}
	s.config.Logger.Info("registered", "leader", s.leader, "term", s.term, "lease", length)
	s.config.Outbox.Restart()
	s.config.Demands.Restart()
	s.progress = r.GetTakesProgress()
	s.config.Progress.Restart()
	s.config.Fleet.Wake()
	return nil
}

// renewDue renews the lease if it is time.
func (s *session) renewDue(due <-chan time.Time) error {
	select {
	case <-due:
		return s.renew(0)
	default:
		return nil
	}
}

// serve renews the lease, tells what changes and takes what the leader says.
func (s *session) serve(ctx context.Context) error {
	renew := time.NewTicker(s.config.Lease.Usual() / 3)
	defer renew.Stop()
	look := time.NewTicker(min(holdingsEvery, s.config.Lease.Usual()/3))
	defer look.Stop()
	pace := time.NewTimer(time.Hour) // of demands: the first one sets it
	defer pace.Stop()
	again := time.NewTimer(time.Hour) // of progress, likewise
	defer again.Stop()
	for {
		err := s.renewDue(renew.C) // before anything else that is ready
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return s.leave()
		case err = <-s.broken:
		case response := <-s.received:
			err = s.take(response)
		case <-renew.C:
			err = s.renew(0)
		case <-look.C:
			err = s.look()
		case <-s.config.Outbox.Changed():
			err = s.report()
		case <-s.config.Demands.Changed():
			err = s.sendDemand(pace)
		case <-pace.C:
			err = s.sendDemand(pace)
		case <-s.config.Progress.Changed():
			err = s.sendProgress(again)
		case <-again.C:
			err = s.sendProgress(again)
		}
		if err != nil {
			return err
		}
	}
}
