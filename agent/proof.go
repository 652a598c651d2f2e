package agent

import (
	"slices"
	"time"

	"github.com/headrace/headrace/agent/runtime"
)

// answer is what asking a server for the leader came to. A server that was silent gave none.
type answer int

const (
	knowsLeader   answer = iota // it named one
	knowsNoLeader               // it answered that it knows none
	refused                     // its host refused the connection: no server runs there
)

// proof decides whether the cluster is provably leaderless, so that nobody can have replaced this node's workers: within the
// last lease period a majority of the servers that the agent knows answered, and each that answered knew no leader. Silence
// proves nothing: whoever is silent may be following a leader that this node cannot see.
type proof struct {
	refusedCounts bool // a refused connection is an answer
	newest        map[string]heard
}

// heard is a server's newest answer.
type heard struct {
	asked  runtime.Instant // when it was asked, which is before it answered
	answer answer
}

// note notes a server's answer. Answers of one server are noted in the order of the questions.
func (p *proof) note(server string, asked runtime.Instant, a answer) {
	if a == refused && !p.refusedCounts {
		return
	}
	if p.newest == nil {
		p.newest = map[string]heard{}
	}
	p.newest[server] = heard{asked: asked, answer: a}
}

// until returns the instant up to which workers may go on without a leader: a lease after the oldest answer that the proof
// needs. proven is false when there is no proof now.
func (p *proof) until(now runtime.Instant, lease time.Duration, known []string) (deadline runtime.Instant, proven bool) {
	var leaderless []runtime.Instant
	for _, server := range known {
		h, ok := p.newest[server]
		if !ok || now.Sub(h.asked) >= lease {
			continue
		}
		if h.answer == knowsLeader {
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
