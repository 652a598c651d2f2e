package lease

import (
	"time"

	"github.com/headrace/headrace/agent/runtime"
)

// Answer is what asking a server for the leader came to. A server that was silent gave none.
type Answer int

// The answers.
const (
	KnowsLeader   Answer = iota // it named one
	KnowsNoLeader               // it answered that it knows none
	Refused                     // its host refused the connection: no server runs there
)

// moment is how far apart answers may be that count together. A server names its leader until it has heard nothing of
// it for half a second, at least. So if each of a majority knows none within that time, there was an instant at which
// none of them followed any. Of answers that are further apart each may be true while a leader led all the time: first
// by these followers, then by those.
const moment = 500 * time.Millisecond

// Proof decides whether the cluster is provably leaderless, so that nobody can have replaced this node's workers:
// within the last lease period a majority of the servers that the agent knows, all asked at once, answered within a
// moment, and each that answered knew no leader. Silence proves nothing: whoever is silent may be following a leader
// that this node cannot see.
//
// One goroutine at a time uses it.
type Proof struct {
	refusedCounts bool
	newest        map[string]heard // by server
}

// NewProof returns a proof that has heard nothing. refusedCounts says whether a refused connection is an answer.
func NewProof(refusedCounts bool) *Proof { return &Proof{refusedCounts: refusedCounts} }

// heard is a server's newest answer.
type heard struct {
	asked  runtime.Instant // when it was asked, as all others that were asked together with it
	late   bool            // it came too late to be of the same moment as theirs
	answer Answer
}

// Note notes a server's answer; those of servers that were asked together have the same asked. Answers of one server
// are noted in the order of the questions.
func (p *Proof) Note(server string, asked, answered runtime.Instant, a Answer) {
	if a == Refused && !p.refusedCounts {
		return
	}
	if p.newest == nil {
		p.newest = map[string]heard{}
	}
	p.newest[server] = heard{
		asked:  asked,
		late:   answered.Sub(asked) > moment,
		answer: a,
	}
}

// Until returns the instant up to which workers may go on without a leader: a lease after the proof's servers were
// asked. proven is false when there is no proof now.
func (p *Proof) Until(now runtime.Instant, lease time.Duration, known []string) (
	deadline runtime.Instant, proven bool,
) {
	together := map[runtime.Instant]int{} // how many knew no leader, by when they were asked
	majority := len(known)/2 + 1
	for _, server := range known {
		h, ok := p.newest[server]
		if !ok || now.Sub(h.asked) >= lease {
			continue
		}
		if h.answer == KnowsLeader {
			return 0, false
		}
		if h.late {
			continue
		}
		if together[h.asked]++; together[h.asked] >= majority {
			deadline = h.asked.Add(lease)
			proven = true
		}
	}
	return deadline, proven
}
