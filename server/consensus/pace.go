package consensus

import (
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// A leader that reaches no majority for LeaseTimeout steps down, and Raft counts a server as reached when a heartbeat's
// answer comes. Where an answer takes as long as that, or gets lost now and then, every leader would step down again
// and again, though all of its servers follow it. So heartbeats have a pace that fits the way to each server.
const (
	slowTrip   = 50 * time.Millisecond  // an answer that usually takes less comes from near: Raft's own bounds hold
	calmAfter  = 100 * time.Millisecond // how long a heartbeat waits for its own answer before an earlier one counts
	calmTrips  = 10                     // for how many usual trips an answer counts
	maxCalm    = 5 * time.Second        // and how long at most
	maxFlying  = 16                     // heartbeats to one server that are under way
	tripWeight = 8                      // the newest trip is that part of the usual one
)

// paced is a transport whose heartbeats are answered by the newest answer while that is fresh for a way that is long.
// The next one leaves meanwhile, on a connection of its own, so that one that lost a message does not hold it up.
type paced struct {
	*raft.NetworkTransport
	arrivals arrivals

	mu    sync.Mutex
	ways  map[raft.ServerID]*way
	calm  bool          // an earlier answer has counted, so that Raft's own proof of leadership does not suffice
	heard chan struct{} // closed with the next answer; nil: nobody waits
}

// way is what is known of the way to a server.
type way struct {
	usual   time.Duration // that a trip takes there and back; 0: unknown
	term    uint64        // of the newest heartbeat that was answered with consent, or vote
	reached time.Time     // when that was sent
	flying  int           // heartbeats under way
}

func newPaced(transport *raft.NetworkTransport) *paced {
	return &paced{NetworkTransport: transport, ways: map[raft.ServerID]*way{}}
}

// isHeartbeat says whether a request is a heartbeat: it carries neither entries nor where they belong.
func isHeartbeat(r *raft.AppendEntriesRequest) bool {
	return r.PrevLogEntry == 0 && r.PrevLogTerm == 0 && len(r.Entries) == 0 && r.LeaderCommitIndex == 0
}

// AppendEntries sends entries, or a heartbeat at its pace.
func (p *paced) AppendEntries(
	id raft.ServerID,
	target raft.ServerAddress,
	request *raft.AppendEntriesRequest,
	response *raft.AppendEntriesResponse,
) error {
	if !isHeartbeat(request) {
		return p.NetworkTransport.AppendEntries(id, target, request, response)
	}
	answered := p.beat(id, target, request)
	look := time.NewTicker(calmAfter)
	defer look.Stop()
	for {
		select {
		case a := <-answered:
			*response = a.response
			return a.err
		case <-look.C:
			if p.isCalm(id, request.Term) {
				*response = raft.AppendEntriesResponse{RPCHeader: request.RPCHeader, Term: request.Term, Success: true}
				return nil
			}
			if answered == nil {
				answered = p.beat(id, target, request)
			}
		}
	}
}

// beaten is what came of a heartbeat.
type beaten struct {
	response raft.AppendEntriesResponse
	err      error
}

// beat sends a heartbeat; nil: too many are under way. It ends with the transport at the latest.
func (p *paced) beat(id raft.ServerID, target raft.ServerAddress, request *raft.AppendEntriesRequest) <-chan beaten {
	if !p.fly(id) {
		return nil
	}
	answered := make(chan beaten, 1)
	go func() {
		var a beaten
		sent := time.Now()
		a.err = p.NetworkTransport.AppendEntries(id, target, request, &a.response)
		p.land(id)
		if a.err == nil {
			p.note(id, request.Term, sent, a.response.Success && a.response.Term == request.Term)
		}
		answered <- a
	}()
	return answered
}

// RequestVote asks for a vote. The answer tells a new leader how long the way is, before its first heartbeat does.
func (p *paced) RequestVote(
	id raft.ServerID,
	target raft.ServerAddress,
	request *raft.RequestVoteRequest,
	response *raft.RequestVoteResponse,
) error {
	sent := time.Now()
	err := p.NetworkTransport.RequestVote(id, target, request, response)
	if err == nil {
		p.note(id, request.Term, sent, response.Granted)
	}
	return err
}

// SetHeartbeatHandler has heartbeats of others handled, and notes when they come.
func (p *paced) SetHeartbeatHandler(handle func(raft.RPC)) {
	p.NetworkTransport.SetHeartbeatHandler(func(rpc raft.RPC) {
		if beat, is := rpc.Command.(*raft.AppendEntriesRequest); is {
			p.arrivals.note(beat.Term, time.Now())
		}
		handle(rpc)
	})
}

// to returns the way to a server. The lock is held.
func (p *paced) to(id raft.ServerID) *way {
	w := p.ways[id]
	if w == nil {
		w = &way{}
		p.ways[id] = w
	}
	return w
}

// forget forgets the ways to servers that are no voters any more, once nothing is under way to them.
func (p *paced) forget(voters []raft.ServerID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, w := range p.ways {
		if w.flying == 0 && !slices.Contains(voters, id) {
			delete(p.ways, id)
		}
	}
}

func (p *paced) fly(id raft.ServerID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.to(id)
	if w.flying >= maxFlying {
		return false
	}
	w.flying++
	return true
}

func (p *paced) land(id raft.ServerID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to(id).flying--
}

// note takes in an answer to what was sent in a term.
func (p *paced) note(id raft.ServerID, term uint64, sent time.Time, consents bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.to(id)
	trip := time.Since(sent)
	if w.usual == 0 {
		w.usual = trip
	}
	w.usual += (trip - w.usual) / tripWeight
	if consents && (term > w.term || term == w.term && sent.After(w.reached)) {
		w.term = term
		w.reached = sent
	}
	if p.heard != nil {
		close(p.heard)
		p.heard = nil
	}
}

// isCalm says whether an earlier answer of a server still counts.
func (p *paced) isCalm(id raft.ServerID, term uint64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.to(id)
	if w.term != term || w.usual < slowTrip || time.Since(w.reached) > min(calmTrips*w.usual, maxCalm) {
		return false
	}
	p.calm = true
	return true
}

// follows returns how many of the servers consented in a term to what was sent after a moment, and a channel that is
// closed with the next answer. strict says whether that has to be looked at.
func (p *paced) follows(servers []raft.ServerID, term uint64, after time.Time) (
	count int, heard <-chan struct{}, strict bool,
) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range servers {
		if w := p.to(id); w.term == term && w.reached.After(after) {
			count++
		}
	}
	if p.heard == nil {
		p.heard = make(chan struct{})
	}
	return count, p.heard, p.calm
}
