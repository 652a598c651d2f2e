package gossip

import "github.com/hashicorp/memberlist"

// goodbye notes that a server leaves for good.
func (g *Gossip) goodbye(id string) {
	g.mu.Lock()
	if m, known := g.members[id]; known {
		m.leaving = true
		m.Status = Left
		g.members[id] = m
	}
	g.mu.Unlock()
	g.signal()
}

// note remembers what memberlist says about a server.
func (g *Gossip) note(node *memberlist.Node, status Status) {
	m, err := decode(node.Meta)
	if err != nil || m.ServerID != node.Name {
		g.log.Warn("a server tells nothing that can be read; it is left out",
			"name", node.Name, "address", node.Address(), "error", err)
		return
	}
	g.mu.Lock()
	if m.Status = status; status == Failed && g.members[m.ServerID].leaving {
		m.Status = Left
		m.leaving = true
	}
	if m.ServerID != g.self.ServerID {
		g.members[m.ServerID] = m
	}
	g.mu.Unlock()
	g.signal()
}

func (g *Gossip) signal() {
	select {
	case g.changed <- struct{}{}:
	default:
	}
}
