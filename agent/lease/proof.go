package lease

import (
	"slices"
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

// Proof decides whether the cluster is provably leaderless, so that nobody can have replaced this node's workers:
// within the last lease period a majority of the servers that the agent knows answered, and each that answered knew no
// leader. Silence proves nothing: whoever is silent may be following a leader that this node cannot see.
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
	asked  runtime.Instant // when it was asked, which is before it answered
	answer Answer
}

// Note notes a server's answer. Answers of one server are noted in the order of the questions.
func (p *Proof) Note(server string, asked runtime.Instant, a Answer) {
	if a == Refused && !p.refusedCounts {
		return
	}
	if p.newest == nil {
		p.newest = map[string]heard{}
	}
	p.newest[server] = heard{asked: asked, answer: a}
}

// Until returns the instant up to which workers may go on without a leader: a lease after the oldest answer that the
// proof needs. proven is false when there is no proof now.
func (p *Proof) Until(now runtime.Instant, lease time.Duration, known []string) (
	deadline runtime.Instant, proven bool,
) {
	var leaderless []runtime.Instant
	for _, server := range known {
		h, ok := p.newest[server]
		if !ok || now.Sub(h.asked) >= lease {
			continue
		}
		if h.answer == KnowsLeader {
			return 0, false
		}
		leaderless = append(leaderless, h.asked)
	}
	majority := len(known)/2 + 1
	if len(leaderless) < majority {
		return 0, false
	}
	slices.Sort(leaderless)
	return leaderless[len(leaderless)-majority].Add(lease), true
}
