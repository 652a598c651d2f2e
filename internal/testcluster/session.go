package testcluster

import (
	"context"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// maxReport bounds the statuses of one report, as the contract does.
const maxReport = 256

// session is one connection to a leader. It belongs to one goroutine.
type session struct {
	node     *Node
	stream   grpc.BidiStreamingClient[agentv1.SessionRequest, agentv1.SessionResponse]
	received chan *agentv1.SessionResponse
	renewals map[uint64]time.Time
	number   uint64          // of the newest renewal
	reports  uint64          // number of the newest report
	pending  *agentv1.Report // the report that is not acknowledged yet
	parts    *agentv1.Assignment

	inventory []*agentv1.WorkerStatus // that was sent, and may not be in the log yet
}

// session holds a session until it breaks or ctx is over.
func (n *Node) session(ctx context.Context, leader string) {
	conn, err := grpc.NewClient(leader, n.dial...)
	if err != nil {
		return
	}
	defer conn.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := agentv1.NewAgentServiceClient(conn).Session(ctx)
	if err != nil {
		return
	}
	s := &session{
		node:     n,
		stream:   stream,
		received: make(chan *agentv1.SessionResponse),
		renewals: map[uint64]time.Time{},
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.receive(ctx)
	}()
	defer func() { cancel(); <-done }()
	if s.register(ctx) {
		s.serve(ctx)
	}
}

// receive hands on what the leader says, and closes received at the stream's end.
func (s *session) receive(ctx context.Context) {
	defer close(s.received)
	for {
		m, err := s.stream.Recv()
		if err != nil {
			return
		}
		select {
		case s.received <- m:
		case <-ctx.Done():
			return
		}
	}
}

// register opens the session with everything that the node has.
func (s *session) register(ctx context.Context) bool {
	n := s.node
	inventory := n.inventory()
	n.mu.Lock()
	hello := proto.CloneOf(n.offer)
	n.mu.Unlock()
	parts := slices.Collect(slices.Chunk(inventory, maxReport))
	if len(parts) > 0 {
		hello.Inventory = parts[0]
		hello.InventoryGoesOn = len(parts) > 1
	}
	sent := time.Now()
	if s.send(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Register{Register: hello}}) != nil {
		return false
	}
	select {
	case m, ok := <-s.received:
		r := m.GetRegistered()
		if !ok || r.GetLeaseMilliseconds() <= 0 {
			return false
		}
		n.grant(sent, time.Duration(r.GetLeaseMilliseconds())*time.Millisecond)
		if !s.sendRest(parts) {
			return false
		}
		s.inventory = inventory
		n.registered(r)
		return true
	case <-ctx.Done():
		return false
	}
}

// inventory returns what the node tells of its workers.
func (n *Node) inventory() (all []*agentv1.WorkerStatus) {
	for _, w := range n.all() {
		status, _ := w.told()
		all = append(all, status)
	}
	return all
}

// sendRest sends the parts of an inventory after the first, which registering sent.
func (s *session) sendRest(parts [][]*agentv1.WorkerStatus) bool {
	for i := 1; i < len(parts); i++ {
		part := &agentv1.InventoryPart{Workers: parts[i], GoesOn: i < len(parts)-1}
		message := &agentv1.SessionRequest_InventoryPart{InventoryPart: part}
		if s.send(&agentv1.SessionRequest{Message: message}) != nil {
			return false
		}
	}
	return true
}

// told notes what the leader has in the log.
func (n *Node) told(inventory []*agentv1.WorkerStatus) {
	for _, status := range inventory {
		if w := n.find(status.GetWorkerId()); w != nil {
			w.acknowledged(status)
		}
	}
}

func (n *Node) registered(r *agentv1.Registered) {
	n.mu.Lock()
	n.servers = r.GetServerAddresses()
	n.unsent = true
	n.mu.Unlock()
	n.wake()
}

func (n *Node) find(id string) *Worker {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.workers[id]
}

// serve renews, reports and takes what the leader says.
func (s *session) serve(ctx context.Context) {
	n := s.node
	n.mu.Lock()
	every := n.lease.length / 6
	n.mu.Unlock()
	renew := time.NewTicker(every)
	defer renew.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case m, ok := <-s.received:
			if !ok {
				return
			}
			s.take(m)
		case <-renew.C:
			err = s.renew()
		case <-n.woken:
			err = s.tell()
		}
		if err != nil {
			return
		}
	}
}

func (s *session) send(m *agentv1.SessionRequest) error { return s.stream.Send(m) }

func (s *session) renew() error {
	s.node.mu.Lock()
	muted := s.node.muted
	s.node.mu.Unlock()
	if muted {
		return nil
	}
	s.number++
	s.renewals[s.number] = time.Now()
	return s.send(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Renew{Renew: &agentv1.Renew{Number: s.number}}})
}

// tell reports what is news, one report at a time, and says what drivers want.
func (s *session) tell() error {
	if err := s.sendDemands(); err != nil || s.pending != nil {
		return err
	}
	report := &agentv1.Report{Slots: s.node.slotNews()}
	for _, w := range s.node.all() {
		if status, unsaid := w.told(); unsaid && len(report.GetWorkers()) < maxReport {
			report.Workers = append(report.Workers, status)
		}
	}
	if len(report.GetWorkers())+len(report.GetSlots()) == 0 {
		return nil
	}
	s.reports++
	report.Number = s.reports
	s.pending = report
	return s.send(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Report{Report: report}})
}

func (s *session) sendDemands() error {
	n := s.node
	n.mu.Lock()
	var all []*agentv1.Demand
	if n.unsent {
		for _, d := range n.demands {
			all = append(all, d)
		}
	}
	n.unsent = false
	n.mu.Unlock()
	for _, d := range all {
		if err := s.send(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Demand{Demand: d}}); err != nil {
			return err
		}
	}
	return nil
}

// take takes one thing that the leader says.
func (s *session) take(m *agentv1.SessionResponse) {
	n := s.node
	switch m := m.GetMessage().(type) {
	case *agentv1.SessionResponse_Renewed:
		if sent, asked := s.renewals[m.Renewed.GetNumber()]; asked {
			delete(s.renewals, m.Renewed.GetNumber())
			n.grant(sent, time.Duration(m.Renewed.GetLeaseMilliseconds())*time.Millisecond)
		}
	case *agentv1.SessionResponse_Assignment:
		n.told(s.inventory) // it is in the log: only then anything is assigned
		s.inventory = nil
		n.assign(s.gather(m.Assignment))
	case *agentv1.SessionResponse_ReportAcknowledged:
		n.slotsAcknowledged(s.pending.GetSlots())
		for _, status := range s.pending.GetWorkers() {
			if w := n.find(status.GetWorkerId()); w != nil {
				w.acknowledged(status)
			}
		}
		s.pending = nil
		n.wake()
	case *agentv1.SessionResponse_OpenData:
		n.group.Go(func() { n.serveData(m.OpenData) })
	case *agentv1.SessionResponse_Fence:
		n.fence(m.Fence.GetWorkerIds())
	}
}

// gather puts the parts of an assignment together, with the programs where workers and slots have them; nil until the
// last part.
func (s *session) gather(part *agentv1.Assignment) *agentv1.Assignment {
	for _, w := range part.GetWorkers() {
		setProgram(w, part)
	}
	for _, slot := range part.GetSlots() {
		setSlotProgram(slot, part)
	}
	if part.GetPart() == 0 {
		s.parts = part
	} else {
		all := s.parts
		all.Workers = append(all.Workers, part.GetWorkers()...)
		all.Slots = append(all.Slots, part.GetSlots()...)
		all.Forget = append(all.Forget, part.GetForget()...)
		all.ForgetSlots = append(all.ForgetSlots, part.GetForgetSlots()...)
	}
	if part.GetGoesOn() {
		return nil
	}
	return s.parts
}

func setProgram(w *agentv1.AssignedWorker, part *agentv1.Assignment) {
	if w.GetProgramNumber() == 0 {
		return
	}
	switch p := part.GetPrograms()[w.GetProgramNumber()-1].GetProgram().(type) {
	case *agentv1.Program_SparkDriver:
		w.Program = &agentv1.AssignedWorker_SparkDriver{SparkDriver: p.SparkDriver}
	case *agentv1.Program_SparkExecutor:
		w.Program = &agentv1.AssignedWorker_SparkExecutor{SparkExecutor: p.SparkExecutor}
	case *agentv1.Program_Process:
		w.Program = &agentv1.AssignedWorker_Process{Process: p.Process}
	}
}

func setSlotProgram(s *agentv1.AssignedSlot, part *agentv1.Assignment) {
	if s.GetProgramNumber() == 0 {
		return
	}
	switch p := part.GetPrograms()[s.GetProgramNumber()-1].GetProgram().(type) {
	case *agentv1.Program_SparkDriver:
		s.Program = &agentv1.AssignedSlot_SparkDriver{SparkDriver: p.SparkDriver}
	case *agentv1.Program_SparkExecutor:
		s.Program = &agentv1.AssignedSlot_SparkExecutor{SparkExecutor: p.SparkExecutor}
	}
}

// assign takes an assignment that is not older than the newest.
func (n *Node) assign(a *agentv1.Assignment) {
	if a == nil {
		return
	}
	at := position{a.GetTerm(), a.GetRecord()}
	n.mu.Lock()
	old := at.term < n.newest.term || at.term == n.newest.term && at.record < n.newest.record
	if !old {
		n.newest = at
	}
	n.mu.Unlock()
	if old {
		return
	}
	n.takeSlots(a)
	named := map[string]bool{}
	for _, wanted := range a.GetWorkers() {
		named[wanted.GetWorkerId()] = true
		n.worker(wanted).want(wanted)
	}
	n.forget(a.GetForget())
	if !a.GetComplete() {
		return
	}
	for _, w := range n.all() {
		if !named[w.ID] {
			w.killFor(agentv1.ExitReason_EXIT_REASON_STOPPED)
			n.forget([]string{w.ID})
		}
	}
}

// worker returns a worker, which is new if it was not known.
func (n *Node) worker(a *agentv1.AssignedWorker) *Worker {
	n.mu.Lock()
	defer n.mu.Unlock()
	w := n.workers[a.GetWorkerId()]
	if w == nil {
		w = newWorker(n, a)
		n.workers[w.ID] = w
	}
	return w
}

func (n *Node) forget(ids []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, id := range ids {
		delete(n.workers, id)
	}
}

// fence ends workers that the cluster does not know.
func (n *Node) fence(ids []string) {
	n.mu.Lock()
	n.fenced = append(n.fenced, ids...)
	n.mu.Unlock()
	for _, id := range ids {
		if w := n.find(id); w != nil {
			w.killFor(agentv1.ExitReason_EXIT_REASON_STOPPED)
			n.forget([]string{id})
		}
	}
}
