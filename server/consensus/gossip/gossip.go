package gossip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/headrace/headrace/internal/backoff"
	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/internal/seldom"
)

const (
	dialTimeout   = 3 * time.Second
	updateWait    = 2 * time.Second  // how long news of ourselves may take to leave
	leaveWait     = 3 * time.Second  // how long a goodbye may take
	firstRetry    = time.Second      // after a join that reached not all
	lastRetry     = 15 * time.Second // it doubles up to this
	joinAgain     = time.Minute      // after a join that reached all: heals what was parted for long
	changedBuffer = 1
)

// Gossip is a server's part in the gossip.
type Gossip struct {
	config  Config
	log     *slog.Logger
	list    *memberlist.Memberlist
	address string        // at which the others reach it
	changed chan struct{} // holds a token when something changed since it was last taken

	mu      sync.Mutex
	self    Member
	members map[string]Member // by server id, without this server
	clocks  map[string]clock  // of other servers, by id
}

// Open starts to listen. Every Open has to be followed by Run, which also closes.
func Open(config Config) (*Gossip, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	g := &Gossip{
		config:  config,
		log:     config.Log,
		self:    config.Self,
		members: map[string]Member{},
		clocks:  map[string]clock{},
	}
	g.changed = make(chan struct{}, changedBuffer)
	settings, err := g.settings()
	if err != nil {
		return nil, err
	}
	if g.list, err = memberlist.Create(settings); err != nil {
		return nil, fmt.Errorf("cannot listen for gossip on %s: %w", config.Bind, err)
	}
	g.address = g.list.LocalNode().Address() // once: the library writes to that node while it is read
	return g, nil
}

// Run joins the other servers, again and again, until ctx is over, then stops. To the others this server has failed
// then and may come back; Leave before says that it will not.
func (g *Gossip) Run(ctx context.Context) error {
	pauses := backoff.Doubling{First: firstRetry, Max: lastRetry}
	apart := &unreached{began: time.Now(), cause: seldom.NewCause(g.log)}
	for ctx.Err() == nil {
		wait := joinAgain
		n, err := g.join()
		apart.tell(n, len(g.config.Join), err)
		if n < len(g.config.Join) {
			wait = pauses.Next()
		} else {
			pauses.Reset()
		}
		every.Pause(ctx, backoff.Jitter(wait, rand.N[time.Duration])) // servers that begin together join apart
	}
	return g.list.Shutdown()
}

func (g *Gossip) join() (int, error) {
	if len(g.config.Join) == 0 || g.Self().leaving {
		return len(g.config.Join), nil
	}
	return g.list.Join(g.config.Join)
}

// Address returns host:port at which the others reach this server's gossip.
func (g *Gossip) Address() string { return g.address }

// Members returns all servers that are known, this one included, by id.
func (g *Gossip) Members() []Member {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := []Member{g.self}
	for _, m := range g.members {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b Member) int { return strings.Compare(a.ServerID, b.ServerID) })
	return all
}

// Self returns what this server tells the others.
func (g *Gossip) Self() Member {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.self
}

// Changed holds a token when members changed since it was last taken. It is for one reader.
func (g *Gossip) Changed() <-chan struct{} { return g.changed }

// Forget forgets those servers that are not there, and absent says do not count. One that comes again is known again.
func (g *Gossip) Forget(absent func(id string) bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for id, m := range g.members {
		if m.Status != Alive && absent(id) {
			delete(g.members, id)
		}
	}
	for id := range g.clocks {
		if _, known := g.members[id]; !known {
			delete(g.clocks, id)
		}
	}
}

// LowestVersion returns the lowest log version of all servers that have not left; failed ones count, as they may come
// back.
func (g *Gossip) LowestVersion() uint32 {
	g.mu.Lock()
	defer g.mu.Unlock()
	lowest := g.self.LogVersion
	for _, m := range g.members {
		if m.Status != Left {
			lowest = min(lowest, m.LogVersion)
		}
	}
	return lowest
}

// Update changes what this server tells the others.
func (g *Gossip) Update(change func(*Member)) error {
	g.mu.Lock()
	change(&g.self)
	g.mu.Unlock()
	if err := g.list.UpdateNode(updateWait); err != nil {
		return fmt.Errorf("cannot tell the other servers at once, they will hear of it later: %w", err)
	}
	return nil
}

// Leave says goodbye for good, to every server that answers: the leader takes this server's vote.
func (g *Gossip) Leave() error {
	g.mu.Lock()
	g.self.leaving = true // no more joining
	g.mu.Unlock()
	var failed []error
	for _, node := range g.list.Members() {
		if node.Name != g.config.Self.ServerID {
			failed = append(failed, g.list.SendReliable(node, []byte(g.config.Self.ServerID)))
		}
	}
	return errors.Join(append(failed, g.list.Leave(leaveWait))...)
}
