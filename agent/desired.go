package agent

import agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"

// position tells newer assignments from older ones, over all sessions of the agent.
type position struct {
	term, record uint64
}

// accepts says whether an assignment is not older than the newest that was taken, and takes its place.
func (p *position) accepts(a *agentv1.Assignment) bool {
	if a.GetTerm() < p.term || a.GetTerm() == p.term && a.GetRecord() < p.record {
		return false
	}
	p.term, p.record = a.GetTerm(), a.GetRecord()
	return true
}
