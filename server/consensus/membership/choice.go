package membership

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/consensus/gossip"
)

// choose returns the servers that self would begin a cluster with; nil while it would not. Members are sorted by id.
func choose(self gossip.Member, members []gossip.Member) ([]consensus.Server, error) {
	if self.BootstrapExpect == 0 {
		return nil, nil
	}
	var chosen []consensus.Server
	mine := false
	for _, m := range members {
		switch {
		case m.Status != gossip.Alive || m.BootstrapExpect == 0:
			continue
		case m.HasState:
			return nil, nil // there is a cluster: its leader will take this server in
		case m.BootstrapExpect != self.BootstrapExpect:
			return nil, fmt.Errorf("cannot begin a cluster: server %s has bootstrap_expect %d and this one %d; "+
				"set the same everywhere", m.ServerID, m.BootstrapExpect, self.BootstrapExpect)
		}
		if len(chosen) < self.BootstrapExpect {
			chosen = append(chosen, consensus.Server{ID: m.ServerID, Address: m.RaftAddress})
			mine = mine || m.ServerID == self.ServerID
		}
	}
	if len(chosen) < self.BootstrapExpect || !mine {
		return nil, nil
	}
	return chosen, nil
}

// begun says whether there is a cluster: a server that is there has a log.
func begun(members []gossip.Member) bool {
	for _, m := range members {
		if m.Status == gossip.Alive && m.HasState {
			return true
		}
	}
	return false
}

// name returns a choice's short name.
func name(servers []consensus.Server) string {
	hash := sha256.New()
	for _, s := range servers {
		fmt.Fprintf(hash, "%q %q\n", s.ID, s.Address)
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}

// agreed says whether all chosen servers published this choice.
func agreed(servers []consensus.Server, members []gossip.Member) bool {
	published := map[string]string{}
	for _, m := range members {
		if m.Status == gossip.Alive {
			published[m.ServerID] = m.Choice
		}
	}
	for _, s := range servers {
		if published[s.ID] != name(servers) {
			return false
		}
	}
	return true
}
