package testcluster

import (
	"context"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

const (
	redialEvery = 50 * time.Millisecond
	askTimeout  = 500 * time.Millisecond
)

// run finds the leader and holds a session with it, again and again.
func (n *Node) run(ctx context.Context) {
	for ctx.Err() == nil {
		cut, healed := n.link()
		select {
		case <-healed:
		case <-ctx.Done():
			return
		}
		linked, cancel := context.WithCancel(ctx)
		go func() { // ends with linked
			select {
			case <-cut:
				cancel()
			case <-linked.Done():
			}
		}()
		if leader := n.findLeader(linked); leader != "" {
			n.session(linked, leader)
		}
		cancel()
		pause(ctx, redialEvery)
	}
}

// link returns what says that the node is cut off, and that it is not.
func (n *Node) link() (cut, healed <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cut, n.healed
}

// findLeader asks all servers who leads. When a majority of them answers that nobody does, that proves a longer lease.
func (n *Node) findLeader(ctx context.Context) string {
	n.mu.Lock()
	servers := n.servers
	n.mu.Unlock()
	asked := time.Now()
	answers := make([]answer, len(servers))
	var group sync.WaitGroup
	for i, address := range servers {
		group.Go(func() { answers[i] = n.ask(ctx, address) })
	}
	group.Wait()
	leaderless := 0
	for _, a := range answers {
		if a.leader != "" {
			return a.leader
		}
		if a.said {
			leaderless++
		}
	}
	if 2*leaderless > len(servers) {
		n.extend(asked)
	}
	return ""
}

// answer is what one server says; a refused connection counts as one that knows no leader.
type answer struct {
	leader string
	said   bool
}

func (n *Node) ask(ctx context.Context, address string) answer {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	conn, err := grpc.NewClient(address, n.dial...)
	if err != nil {
		return answer{}
	}
	defer conn.Close()
	r, err := agentv1.NewAgentServiceClient(conn).GetLeader(ctx, &agentv1.GetLeaderRequest{})
	if err != nil {
		return answer{said: strings.Contains(err.Error(), "connection refused")}
	}
	return answer{leader: r.GetLeaderAddress(), said: true}
}

// extend moves the lease by proof that nobody leads.
func (n *Node) extend(asked time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if until := asked.Add(n.lease.length); until.After(n.lease.deadline) {
		n.lease.deadline = until
	}
}

// grant moves the lease to what a leader granted to a request sent then.
func (n *Node) grant(sent time.Time, length time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lease.deadline = sent.Add(length)
	n.lease.length = max(n.lease.length, length)
}

// watchLease ends the workers when the lease is over. No lease is moved meanwhile.
func (n *Node) watchLease(ctx context.Context) {
	for pause(ctx, 10*time.Millisecond) {
		n.mu.Lock()
		over := !n.lease.deadline.IsZero() && !time.Now().Before(n.lease.deadline)
		n.mu.Unlock()
		if over && !n.ignores {
			n.endAll()
		}
	}
}

func (n *Node) endAll() {
	for _, w := range n.Live() {
		if a, _ := w.Assigned(); !a.GetKeepOnDisconnect() {
			w.killFor(agentv1.ExitReason_EXIT_REASON_LEASE_ENDED)
		}
	}
}
