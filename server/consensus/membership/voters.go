package membership

import (
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/consensus/gossip"
)

// changes is what the leader does next.
type changes struct {
	remove []string
	add    []consensus.Server
}

// voters compares the Raft configuration with what gossip says, and with who was let in.
func voters(servers []consensus.Server, members []gossip.Member, letIn map[string]bool) changes {
	var c changes
	known := map[string]consensus.Server{}
	for _, s := range servers {
		known[s.ID] = s
		if gone(s, members) {
			c.remove = append(c.remove, s.ID)
		}
	}
	for _, m := range members {
		wanted := consensus.Server{ID: m.ServerID, Address: m.RaftAddress}
		_, votes := known[m.ServerID]
		mayVote := letIn[m.ServerID] || votes && m.HasState
		if m.Status == gossip.Alive && mayVote && known[m.ServerID] != wanted {
			c.add = append(c.add, wanted)
		}
	}
	return c
}

// gone says whether a server left for good, or another one has its address now: then it cannot be there any more.
func gone(s consensus.Server, members []gossip.Member) bool {
	for _, m := range members {
		switch {
		case m.ServerID == s.ID && m.Status == gossip.Left:
			return true
		case m.ServerID != s.ID && m.Status == gossip.Alive && m.RaftAddress == s.Address && !alive(s.ID, members):
			return true
		}
	}
	return false
}

func alive(id string, members []gossip.Member) bool {
	for _, m := range members {
		if m.ServerID == id {
			return m.Status == gossip.Alive
		}
	}
	return false
}

// has says whether a server is in the Raft configuration.
func has(servers []consensus.Server, id string) bool {
	for _, s := range servers {
		if s.ID == id {
			return true
		}
	}
	return false
}
