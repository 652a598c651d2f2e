package gossip

import (
	"encoding/binary"
	"time"

	"github.com/hashicorp/memberlist"
)

// clockAge is how old the newest answer of a server may be for its clock to be known.
const clockAge = time.Minute

// clock is what a server's clock said at a moment.
type clock struct {
	said time.Time // by that server
	here time.Time // by this one, at the same moment
}

// ClocksAhead returns how far the clocks of the servers that answer are ahead of now, which this server's clock says,
// by id. It notices at once when this server's clock was set.
func (g *Gossip) ClocksAhead(now time.Time) map[string]time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	ahead := map[string]time.Duration{}
	for id, c := range g.clocks {
		passed := now.Sub(c.here) // whatever was set meanwhile
		if passed <= clockAge && g.members[id].Status == Alive {
			ahead[id] = c.said.Add(passed).Sub(now.Round(0))
		}
	}
	return ahead
}

// pings has each answer to a probe say what the clock of who answers says. Servers probe each other every few seconds.
type pings Gossip

// AckPayload returns this server's time, as nanoseconds since 1970.
func (p *pings) AckPayload() []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(time.Now().UnixNano()))
}

// NotifyPingComplete notes a server's time, which it told half a round trip ago. Older servers tell none.
func (p *pings) NotifyPingComplete(other *memberlist.Node, trip time.Duration, payload []byte) {
	if len(payload) != 8 {
		return
	}
	c := clock{
		said: time.Unix(0, int64(binary.BigEndian.Uint64(payload))),
		here: time.Now().Add(-trip / 2),
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clocks[other.Name] = c
}
