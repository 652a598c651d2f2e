package session

import (
	"context"
	"sync"
	"time"

	"github.com/headrace/headrace/agent/lease"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/grpcerr"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// namedWait is how long other servers may contradict one that named a leader.
const namedWait = 50 * time.Millisecond

// findLeader asks all servers at once and returns the leader of the newest term; empty if none is named. For silent
// servers it waits a part of a lease, and only a moment when a leader was named.
func (s *Sessions) findLeader(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, min(time.Second, s.config.Lease.Usual()/8))
	defer cancel()
	ask, known := s.config.Servers.All()
	asked := s.config.Lease.Now()
	answers := make([]said, len(ask))
	var asking sync.WaitGroup
	for i, server := range ask {
		asking.Go(func() {
			one := s.ask(ctx, server)
			one.at = s.config.Lease.Now()
			if answers[i] = one; one.ok && one.answer == lease.KnowsLeader {
				time.AfterFunc(namedWait, cancel)
			}
		})
	}
	asking.Wait()
	s.silent = whySilent(ask, answers)
	for i, server := range ask {
		if answers[i].ok {
			s.proof.Note(server, asked, answers[i].at, answers[i].answer)
		}
	}
	s.prove(known)
	return s.newestLeader(answers)
}

// newestLeader returns the leader whom the server of the highest term names.
func (s *Sessions) newestLeader(answers []said) (leader string) {
	var term uint64
	for _, one := range answers {
		s.config.Servers.Hint(one.response.GetServerAddresses())
		if address := one.response.GetLeaderAddress(); address != "" && one.response.GetTerm() >= term {
			leader, term = address, one.response.GetTerm()
		}
	}
	return leader
}

// prove moves the lease forward while the cluster is provably leaderless.
func (s *Sessions) prove(known []string) {
	deadline, proven := s.proof.Until(s.config.Lease.Now(), s.config.Lease.Usual(), known)
	if !proven {
		return
	}
	if err := s.config.Lease.Prove(deadline); err != nil {
		s.config.Logger.Error("cannot move the lease", "error", err)
	}
	s.config.Fleet.Wake()
}

// said is what a server answered when it was asked for the leader.
type said struct {
	ok       bool            // false: it was silent, or said nothing that can be used
	at       runtime.Instant // when it had answered
	why      error           // why it said nothing that can be used, or nothing at all; nil: it did
	answer   lease.Answer
	response *agentv1.GetLeaderResponse
}

// ask asks one server for the leader.
func (s *Sessions) ask(ctx context.Context, server string) said {
	conn, err := s.config.Servers.Dial(server)
	if err != nil {
		return said{why: err}
	}
	defer func() { _ = conn.Close() }()
	response, err := agentv1.NewAgentServiceClient(conn).GetLeader(ctx, &agentv1.GetLeaderRequest{})
	switch {
	case err != nil && conn.Refused():
		return said{ok: true, answer: lease.Refused, why: errRefused}
	case err != nil && conn.Cause() != nil:
		return said{why: conn.Cause()}
	case err != nil:
		return said{why: grpcerr.FromStatus(err)}
	case response.GetLeaderAddress() == "":
		return said{ok: true, answer: lease.KnowsNoLeader, response: response}
	}
	return said{ok: true, answer: lease.KnowsLeader, response: response}
}
