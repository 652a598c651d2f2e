package dispatch

import (
	"cmp"
	"context"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/demand"
)

// leaseInterval is how often leases are looked at.
const leaseInterval = 250 * time.Millisecond

// contactsPerLease is how often within a lease the leader makes sure that a quorum follows it. Renewals count from there, so an
// agent that renews three times in a lease is never left with so little that it stops its workers.
const contactsPerLease = 10

// tenure is what this server knows while it leads.
type tenure struct {
	dispatch *Dispatch
	term     uint64
	ctx      context.Context
	leases   *leases

	mu       sync.Mutex
	sessions map[string]*session  // by node
	turns    map[string]*turn     // by node
	rests    map[string]time.Time // by node: when to try again to lose it; watchLeases's
}

// turn has a node's coming and its being lost happen one after the other.
type turn struct {
	sync.Mutex
	users int // who have it or wait for it; without any it is forgotten
}

// Run serves agents until ctx ends, which is when this server no longer leads. It is to be called once the leader's barrier is
// applied: before that, nobody may be told what to run.
func (d *Dispatch) Run(ctx context.Context, term uint64) {
	t := &tenure{dispatch: d, term: term, ctx: ctx, leases: newLeases(d.cfg.Lease, d.cfg.Margin),
		sessions: map[string]*session{}, turns: map[string]*turn{}, rests: map[string]time.Time{}}
	t.leaseAll(d.cfg.Door.View(), time.Now())
	d.forget()
	defer d.forget()
	d.tenure.Store(t)
	defer d.tenure.Store(nil)
	var group sync.WaitGroup
	group.Go(func() { t.watchLeases() })
	group.Go(func() { t.keepContact() })
	t.follow()
	group.Wait()
}

// forget drops what drivers wanted and what nodes refused under this leader: it may be otherwise by the time it leads again, and
// agents say what drivers want to every new leader.
func (d *Dispatch) forget() {
	d.cfg.Demands.Forget(func(demand.Attempt) bool { return true })
	d.cfg.Avoided.Clear()
}

// leaseAll gives every ready node a full lease: this leader does not know what the last one granted.
func (t *tenure) leaseAll(view *state.View, now time.Time) {
	for node := range view.Nodes() {
		if node.Here() {
			t.leases.begin(node.ID, now)
		}
	}
}

// serve registers the node and serves its session.
func (t *tenure) serve(stream grpc.BidiStreamingServer[agentv1.SessionRequest, agentv1.SessionResponse], r *agentv1.Register) error {
	register, err := t.asked(stream.Context(), r)
	if err != nil {
		return err
	}
	if err := t.register(stream.Context(), register); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(stream.Context())
	defer cancel(nil)
	defer context.AfterFunc(t.ctx, func() { cancel(errs.New(errs.NotLeader, "this server no longer leads")) })()
	s := newSession(ctx, cancel, t, r.GetNodeId(), stream)
	s.inventory.parts <- &agentv1.InventoryPart{Workers: r.GetInventory(), GoesOn: r.GetInventoryGoesOn()}
	t.add(s)
	defer t.remove(s)
	t.greet(s, register)
	if register.Node.StateDetails != "" {
		t.dispatch.cfg.Log.Warn("the agent ended its session", "node", register.Node.Name, "reason", register.Node.StateDetails)
	}
	return s.run()
}

// asked returns what a connection may ask: to register a node, as often as its certificate may.
func (t *tenure) asked(ctx context.Context, r *agentv1.Register) (*command.RegisterNode, error) {
	certificate, err := certificateOf(ctx)
	if err != nil {
		return nil, err
	}
	register, err := registration(r, certificate)
	if err != nil {
		return nil, err
	}
	if !t.dispatch.comings.allow(cmp.Or(certificate.Name, r.GetNodeId()), time.Now()) {
		return nil, errs.New(errs.Overloaded, "cannot register node %q: it has registered %d times at once, and may %d times a second; try again later",
			r.GetName(), comingsAtOnce, comingsPerSecond)
	}
	return register, nil
}

// register takes the node in, and gives it a full lease. The door asks a quorum after it was called, so the lease may count from
// then; the agent counts from before.
func (t *tenure) register(ctx context.Context, register *command.RegisterNode) error {
	defer t.turn(register.Node.ID)()
	began := time.Now()
	_, err := t.dispatch.cfg.Door.Execute(ctx, register.Decide)
	if err == nil {
		t.leases.admit(register.Node.ID, began)
	}
	return err
}

// turn waits for a node's turn and returns what ends it.
func (t *tenure) turn(node string) (done func()) {
	t.mu.Lock()
	own := t.turns[node]
	if own == nil {
		own = &turn{}
		t.turns[node] = own
	}
	own.users++
	t.mu.Unlock()
	own.Lock()
	return func() {
		own.Unlock()
		t.mu.Lock()
		defer t.mu.Unlock()
		if own.users--; own.users == 0 {
			delete(t.turns, node)
		}
	}
}

// greet queues the first message that the agent expects, and a complete assignment.
func (t *tenure) greet(s *session, register *command.RegisterNode) {
	cfg := t.dispatch.cfg
	s.send(&agentv1.SessionResponse{Message: &agentv1.SessionResponse_Registered{Registered: &agentv1.Registered{Term: t.term,
		LeaseMilliseconds: cfg.Lease.Milliseconds(), ServerAddresses: cfg.Members.Addresses(), ListenerAddresses: cfg.Members.Listeners(),
		HeldBack: register.HeldBack}}})
	s.touch()
}

func (t *tenure) add(s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if old := t.sessions[s.node]; old != nil {
		old.cancel(errReplaced)
	}
	t.sessions[s.node] = s
}

func (t *tenure) remove(s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sessions[s.node] == s {
		delete(t.sessions, s.node)
	}
}

func (t *tenure) session(node string) *session {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sessions[node]
}

// touch says that a node's assignment may have changed.
func (t *tenure) touch(node string) {
	if s := t.session(node); s != nil {
		s.touch()
	}
}

// touchAll is for when nobody knows what has changed.
func (t *tenure) touchAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.sessions {
		s.touch()
	}
}

// The bounds of what a driver wants: what its program says goes into the leader's memory, and to every executor.
const (
	maxStops  = 65_536   // executors to stop
	maxLaunch = 64 << 10 // bytes of what executors must know
)

// demand takes what a driver on a node wants, if the driver is there. One that says more than there can be fails: nobody would act
// on what it wants.
func (t *tenure) demand(node string, wanted *agentv1.Demand) {
	view := t.dispatch.cfg.Door.View()
	driver := view.Driver(wanted.GetJobRunId(), wanted.GetAttempt())
	if driver == nil || !driver.Live() || driver.Node != node || t.ctx.Err() != nil {
		return
	}
	if stops, launch := len(wanted.GetStop()), proto.Size(wanted.GetLaunch()); stops > maxStops || launch > maxLaunch {
		t.failAttempt(t.ctx, untold{driver.Run, driver.Attempt, errs.New(errs.Invalid, "its driver wants %d executors stopped and has %d bytes of settings for "+
			"the others; the most are %d and %d", stops, launch, maxStops, maxLaunch)})
		return
	}
	if t.dispatch.cfg.Demands.Set(wanted) {
		t.dispatch.cfg.Demands.Withdraw(view, view.JobRun(driver.Run))
		markRun(view, driver.Run, t.touch)
	}
}

// keepContact renews the contact that leases count from; the door itself does that for leases of ten seconds and more only.
func (t *tenure) keepContact() {
	ticker := time.NewTicker(t.dispatch.cfg.Lease / contactsPerLease)
	defer ticker.Stop()
	for {
		select {
		case <-t.ctx.Done():
			return
		case <-ticker.C:
			_, _ = t.dispatch.cfg.Door.ReadIndex(t.ctx) // without contact leases run out, as they are to
		}
	}
}

// watchLeases declares nodes lost whose lease, with the margin, is over.
func (t *tenure) watchLeases() {
	ticker := time.NewTicker(leaseInterval)
	defer ticker.Stop()
	for {
		select {
		case <-t.ctx.Done():
			return
		case now := <-ticker.C:
			t.loseNodes(now)
		}
	}
}

func (t *tenure) loseNodes(now time.Time) {
	for node := range t.dispatch.cfg.Door.View().Nodes() {
		if (node.Here() || node.State == state.NodeLosing) && !now.Before(t.rests[node.ID]) {
			_ = t.dispatch.cfg.Panics.Do("a node's lease", func() error { // logged; the other nodes have leases too
				t.leases.begin(node.ID, now)
				t.loseNode(node)
				return nil
			}, "node", node.Name)
		}
	}
	t.leases.forget(func(node string) bool { return t.dispatch.cfg.Door.View().Node(node) == nil })
}

// loseNode declares a node lost if its lease has ended, in as many steps as what is on it takes, or goes on with what another leader
// began. A node that registers meanwhile waits for its turn.
func (t *tenure) loseNode(node *state.Node) {
	defer t.turn(node.ID)()
	cfg := t.dispatch.cfg
	lose := &command.LoseNode{Node: node.ID, Reason: "its lease of " + cfg.Lease.String() + " ran out", Sparing: map[string]bool{}}
	switch row := cfg.Door.View().Node(node.ID); {
	case row != nil && row.State == state.NodeLosing:
		lose.Reason = "" // as it was said
	case !t.leases.end(node.ID, time.Now()):
		return
	}
	if s := t.session(node.ID); s != nil { // it is not to be told what is left, step by step
		s.cancel(errs.New(errs.Unavailable, "the node's lease ran out: register again"))
	}
	if err := t.inSteps(t.ctx, lose.Decide, lose.Sparing, func() string { return lose.Ending }, func() bool { return lose.More }); err != nil {
		cfg.Log.Warn("cannot declare a node lost; trying again", "node", node.Name, "error", err)
		if len(lose.Sparing) > 0 || caught.Is(err) {
			t.rests[node.ID] = time.Now().Add(againAfter)
		}
		return
	}
	cfg.Log.Warn("node lost", "node", node.Name, "zone", node.Zone)
}
