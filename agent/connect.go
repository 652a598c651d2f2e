package agent

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
)

// The waits between attempts to find a leader.
const (
	firstWait = 50 * time.Millisecond
	maxWait   = 2 * time.Second
	// namedWait is how long other servers may contradict one that named a leader.
	namedWait = 50 * time.Millisecond
)

// connect holds a session with whoever leads until the context ends. Without a leader it asks all servers again and again, and
// moves the lease forward as far as their answers prove.
func (a *Agent) connect(ctx context.Context) {
	wait := firstWait
	for ctx.Err() == nil {
		leader := a.findLeader(ctx)
		if leader != "" && a.hold(ctx, leader) {
			wait = firstWait // it stood for a while: this is no loop
		}
		rest(ctx, wait/2+rand.N(wait/2))
		wait = max(min(2*wait, maxWait, a.lease.usual()/8), 2*time.Millisecond)
	}
}

// rest waits, not beyond the context's end.
func rest(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// hold holds a session until it breaks. It returns whether there was one that stood for half a lease: one that breaks again and again
// is not to be tried as fast as can be.
func (a *Agent) hold(ctx context.Context, leader string) bool {
	s := &session{agent: a, leader: leader}
	s.java, s.python = a.runtimes()
	began := time.Now()
	err := s.run(ctx)
	a.trouble = troubleOf(ctx, s, err)
	if s.registered {
		a.refusal = ""
	}
	switch {
	case !s.registered:
		a.refused(leader, err)
	case ctx.Err() != nil && err == nil:
		a.config.Logger.Info("left the leader", "leader", leader)
	default:
		a.config.Logger.Warn("lost the leader", "leader", leader, "error", err)
	}
	return s.registered && time.Since(began) > a.lease.usual()/2
}

// maxTrouble bounds what the next registration says of a session's end, in bytes.
const maxTrouble = 512

// troubleOf says why the agent itself ended a session: there was a message that it could not take, and there may be one again. Servers
// are told, as only they can see to it.
func troubleOf(ctx context.Context, s *session, err error) string {
	_, ofTransport := status.FromError(err)
	tooLarge := status.Code(err) == codes.ResourceExhausted
	if err == nil || ctx.Err() != nil || !s.registered || errors.Is(err, errSilent) || ofTransport && !tooLarge {
		return ""
	}
	text := "the agent ended its last session: " + err.Error()
	return strings.ToValidUTF8(text[:min(len(text), maxTrouble)], "")
}

// refused logs why a leader gave no session; a refusal that somebody has to do something about, once until there is one.
func (a *Agent) refused(leader string, err error) {
	refusal := grpcerr.FromStatus(err)
	switch errs.KindOf(refusal) {
	case errs.Invalid, errs.Conflict, errs.WrongState, errs.TooLarge, errs.Unauthorized, errs.Forbidden:
		if said := refusal.Error(); said != a.refusal {
			a.refusal = said
			a.config.Logger.Error("the leader does not take this node; trying again", "leader", leader, "error", refusal)
		}
	default:
		a.config.Logger.Debug("the leader gave no session", "leader", leader, "error", err)
	}
}

// runtimes returns what workers can run on.
func (a *Agent) runtimes() (java []uint32, python string) {
	if engine, knows := a.fleet.engines.Spark.(Runtimes); knows {
		return engine.Runtimes()
	}
	return nil, ""
}

// findLeader asks all servers at once and returns the leader of the newest term; empty if none is named. For silent servers it
// waits a part of a lease, and only a moment when a leader was named.
func (a *Agent) findLeader(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, min(time.Second, a.lease.usual()/8))
	defer cancel()
	ask, known := a.servers.all()
	asked := runtime.Boottime()
	answers := make([]said, len(ask))
	var asking sync.WaitGroup
	for i, server := range ask {
		asking.Go(func() {
			s := a.ask(ctx, server)
			if answers[i] = s; s.ok && s.answer == knowsLeader {
				time.AfterFunc(namedWait, cancel)
			}
		})
	}
	asking.Wait()
	for i, server := range ask {
		if answers[i].ok {
			a.proof.note(server, asked, answers[i].answer)
		}
	}
	a.prove(known)
	return a.newestLeader(answers)
}

// newestLeader returns the leader whom the server of the highest term names.
func (a *Agent) newestLeader(answers []said) (leader string) {
	var term uint64
	for _, s := range answers {
		a.servers.hint(s.response.GetServerAddresses())
		if address := s.response.GetLeaderAddress(); address != "" && s.response.GetTerm() >= term {
			leader, term = address, s.response.GetTerm()
		}
	}
	return leader
}

// prove moves the lease forward while the cluster is provably leaderless.
func (a *Agent) prove(known []string) {
	deadline, proven := a.proof.until(runtime.Boottime(), a.lease.usual(), known)
	if !proven {
		return
	}
	if err := a.lease.proven(deadline); err != nil {
		a.config.Logger.Error("cannot move the lease", "error", err)
	}
	a.fleet.wakeAll()
}
