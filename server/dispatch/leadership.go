package dispatch

import (
	"cmp"
	"context"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/internal/logging"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/demand"
)

// leaseInterval is how often leases are looked at.
const leaseInterval = 250 * time.Millisecond

// contactsPerLease is how often within a lease the leader makes sure that a quorum follows it. Renewals count from
// there, so an agent that renews three times in a lease is never left with so little that it stops its workers.
const contactsPerLease = 10

// leadership is what this server knows while it leads.
type leadership struct {
	dispatch *Dispatch
	term     uint64
	ctx      context.Context
	leases   *leases

	mu       sync.Mutex
	sessions map[string]*session  // by node
	locks    map[string]*nodeLock // by node
	rests    map[string]time.Time // by node: when to try again to lose it; watchLeases's
}

// nodeLock is held while a node registers or is declared lost, so that these never overlap.
type nodeLock struct {
	sync.Mutex
	users int // how many hold it or wait for it; it is forgotten at 0
}

// Run serves agents until ctx ends, which is when this server no longer leads. It is to be called once the leader's
// barrier is applied: before that, nobody may be told what to run.
func (d *Dispatch) Run(ctx context.Context, term uint64) {
	l := &leadership{
		dispatch: d,
		term:     term,
		ctx:      ctx,
		leases:   newLeases(d.cfg.Lease, d.cfg.Margin),
		sessions: map[string]*session{},
		locks:    map[string]*nodeLock{},
		rests:    map[string]time.Time{},
	}
	l.leaseAll(d.cfg.Door.View(), time.Now())
	d.forget()
	defer d.forget()
	d.leadership.Store(l)
	defer d.leadership.Store(nil)
	var group sync.WaitGroup
	group.Go(func() { l.watchLeases() })
	group.Go(func() { l.keepContact() })
	group.Go(func() { l.followShortages() })
	l.follow()
	group.Wait()
}

// forget drops what drivers wanted and what nodes refused under this leader: it may be otherwise by the time it leads
// again, and agents say what drivers want to every new leader.
func (d *Dispatch) forget() {
	d.cfg.Demands.Forget(func(demand.Attempt) bool { return true })
	d.cfg.Avoided.Clear()
}

// leaseAll gives every ready node a full lease: this leader does not know what the last one granted.
func (l *leadership) leaseAll(view *state.View, now time.Time) {
	for node := range view.Nodes() {
		if node.Here() {
			l.leases.begin(node.ID, now)
		}
	}
}

// serve registers the node and serves its session.
func (l *leadership) serve(stream agentv1.AgentService_SessionServer, r *agentv1.Register) error {
	register, err := l.asked(stream.Context(), r)
	if err != nil {
		return err
	}
	if err := l.register(stream.Context(), register); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(logging.With(stream.Context(), logging.Node, register.Node.Name))
	defer cancel(nil)
	defer context.AfterFunc(l.ctx, func() { cancel(errs.New(errs.NotLeader, "this server no longer leads")) })()
	s := newSession(ctx, cancel, l, r.GetNodeId(), stream)
	s.name = register.Node.Name
	s.inventory.parts <- &agentv1.InventoryPart{Workers: r.GetInventory(), GoesOn: r.GetInventoryGoesOn()}
	l.add(s)
	defer l.remove(s)
	l.greet(s, register)
	if register.Node.StateDetails != "" {
		l.dispatch.cfg.Log.WarnContext(ctx, "the agent ended its session", "reason", register.Node.StateDetails)
	}
	return s.run()
}

// asked checks that a connection may register the node that it asks for, now, and returns the command that does so.
func (l *leadership) asked(ctx context.Context, r *agentv1.Register) (*command.RegisterNode, error) {
	certificate, err := certificateOf(ctx)
	if err != nil {
		return nil, err
	}
	register, err := registration(r, certificate)
	if err != nil {
		return nil, err
	}
	if !l.dispatch.comings.allow(cmp.Or(certificate.Name, r.GetNodeId()), time.Now()) {
		return nil, errs.New(errs.Overloaded,
			"cannot register node %q: it has registered %d times at once, and may register %d times a second; "+
				"try again later",
			r.GetName(), comingsAtOnce, comingsPerSecond)
	}
	return register, nil
}

// register takes the node in, and gives it a full lease. The lease counts from the moment before the door is called, as
// the door asks a quorum after that; the agent counts from an earlier moment.
func (l *leadership) register(ctx context.Context, register *command.RegisterNode) error {
	defer l.lock(register.Node.ID)()
	began := time.Now()
	_, err := l.dispatch.cfg.Door.Execute(ctx, register.Decide)
	if err == nil {
		l.leases.admit(register.Node.ID, began)
	}
	return err
}

// lock takes a node's lock and returns what releases it.
func (l *leadership) lock(node string) (done func()) {
	l.mu.Lock()
	own := l.locks[node]
	if own == nil {
		own = &nodeLock{}
		l.locks[node] = own
	}
	own.users++
	l.mu.Unlock()
	own.Lock()
	return func() {
		own.Unlock()
		l.mu.Lock()
		defer l.mu.Unlock()
		if own.users--; own.users == 0 {
			delete(l.locks, node)
		}
	}
}

// greet queues the first message that the agent expects, and a complete assignment.
func (l *leadership) greet(s *session, register *command.RegisterNode) {
	cfg := l.dispatch.cfg
	s.send(&agentv1.SessionResponse{Message: &agentv1.SessionResponse_Registered{Registered: &agentv1.Registered{
		Term:              l.term,
		LeaseMilliseconds: cfg.Lease.Milliseconds(),
		ServerAddresses:   cfg.Members.Addresses(),
		ListenerAddresses: cfg.Members.Listeners(),
		HeldBack:          register.HeldBack,
		TakesProgress:     true,
	}}})
	s.touch()
}

func (l *leadership) add(s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if old := l.sessions[s.node]; old != nil {
		old.cancel(errReplaced)
	}
	l.sessions[s.node] = s
}

func (l *leadership) remove(s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sessions[s.node] == s {
		delete(l.sessions, s.node)
	}
}

// session returns the session of a node that is connected; nil: it is not.
func (l *leadership) session(node string) *session {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sessions[node]
}

// touch says that a node's assignment may have changed.
func (l *leadership) touch(node string) {
	if s := l.session(node); s != nil {
		s.touch()
	}
}

// touchAll is for when nobody knows what has changed.
func (l *leadership) touchAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.sessions {
		s.touch()
	}
}

// The bounds of what a driver wants: what its program says goes into the leader's memory, and to every executor.
const (
	maxStops  = 65_536   // executors to stop
	maxLaunch = 64 << 10 // bytes of what executors must know
)

// demand takes what a driver on a node wants, if the driver is there. If the driver says more than there can be, its
// attempt fails: nobody would act on what it wants.
func (l *leadership) demand(node string, wanted *agentv1.Demand) {
	view := l.dispatch.cfg.Door.View()
	driver := view.Driver(wanted.GetJobRunId(), wanted.GetAttempt())
	if driver == nil || !driver.Live() || driver.Node != node || l.ctx.Err() != nil {
		return
	}
	if err := checkDemand(wanted); err != nil {
		l.failAttempt(l.ctx, untold{driver.Run, driver.Attempt, err})
		return
	}
	if l.dispatch.cfg.Demands.Set(wanted) {
		l.dispatch.cfg.Demands.Withdraw(view, view.JobRun(driver.Run))
		markRun(view, driver.Run, l.touch)
	}
}

// checkDemand bounds what a driver wants.
func checkDemand(wanted *agentv1.Demand) error {
	stops := len(wanted.GetStop())
	launch := proto.Size(wanted.GetLaunch())
	if stops <= maxStops && launch <= maxLaunch {
		return nil
	}
	return errs.New(errs.Invalid,
		"its driver wants %d executors stopped and has %d bytes of settings for the others; the limits are %d and %d",
		stops, launch, maxStops, maxLaunch)
}

// keepContact renews the contact that leases count from; the door itself does that for leases of ten seconds and more
// only.
func (l *leadership) keepContact() {
	every.Interval(l.ctx, l.dispatch.cfg.Lease/contactsPerLease, func(time.Time) {
		_, _ = l.dispatch.cfg.Door.ReadIndex(l.ctx) // without contact leases run out, as they are to
	})
}

// watchLeases declares nodes lost whose lease, with the margin, is over.
func (l *leadership) watchLeases() {
	every.Interval(l.ctx, leaseInterval, l.loseNodes)
}

func (l *leadership) loseNodes(now time.Time) {
	for node := range l.dispatch.cfg.Door.View().Nodes() {
		if !node.Here() && node.State != state.NodeLosing || now.Before(l.rests[node.ID]) {
			continue
		}
		_ = l.dispatch.cfg.Panics.Do("a node's lease", func() error { // logged; the other nodes have leases too
			l.leases.begin(node.ID, now)
			l.loseNode(node)
			return nil
		}, "node", node.Name)
	}
	gone := func(node string) bool { return l.dispatch.cfg.Door.View().Node(node) == nil }
	l.leases.forget(gone)
}

// loseNode declares a node lost if its lease has ended, or goes on with what another leader began. If the node
// registers meanwhile, it waits for the lock.
func (l *leadership) loseNode(node *state.Node) {
	defer l.lock(node.ID)()
	cfg := l.dispatch.cfg
	lose := &command.LoseNode{
		Node:    node.ID,
		Reason:  "its lease of " + cfg.Lease.String() + " ran out",
		Sparing: map[string]bool{},
	}
	switch row := cfg.Door.View().Node(node.ID); {
	case row != nil && row.State == state.NodeLosing:
		lose.Reason = "" // as it was said
	case !l.leases.end(node.ID, time.Now()):
		return
	}
	if s := l.session(node.ID); s != nil { // it is not to be told what is left, step by step
		s.cancel(errs.New(errs.Unavailable, "the node's lease ran out: register again"))
	}
	l.lose(logging.With(l.ctx, logging.Node, node.Name), node, lose)
}

// lose ends all that is on a node, in as many steps as that takes. If something of it panics, the node rests before it
// is tried again.
func (l *leadership) lose(ctx context.Context, node *state.Node, lose *command.LoseNode) {
	ending := func() string { return lose.Ending }
	more := func() bool { return lose.More }
	err := l.inSteps(ctx, lose.Decide, lose.Sparing, ending, more)
	if err == nil {
		l.dispatch.cfg.Log.WarnContext(ctx, "node lost", "zone", node.Zone)
		return
	}
	l.dispatch.cfg.Log.WarnContext(ctx, "cannot declare a node lost; trying again", "error", err)
	if len(lose.Sparing) > 0 || caught.Is(err) {
		l.rests[node.ID] = time.Now().Add(againAfter)
	}
}
