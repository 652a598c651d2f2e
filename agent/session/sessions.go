package session

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/agent/lease"
	"github.com/headrace/headrace/agent/outbox"
	"github.com/headrace/headrace/agent/servers"
	"github.com/headrace/headrace/internal/backoff"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/seldom"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// The pauses between attempts to find a leader.
const (
	firstPause = 50 * time.Millisecond
	maxPause   = 2 * time.Second
	leastPause = 2 * time.Millisecond // however short a lease is
)

// Config is what sessions need.
type Config struct {
	// Node is what the node says of itself in every session, without what changes.
	Node *agentv1.Register
	// Servers are asked who leads.
	Servers *servers.Servers
	// Lease is moved by what the leader grants, and by proof that nobody leads.
	Lease *lease.Lease
	// RefusedMeansLeaderless counts a refused connection as the answer of a server that knows no leader.
	RefusedMeansLeaderless bool
	// Outbox, Demands and Progress have what the leader is told.
	Outbox  *outbox.Outbox
	Demands *outbox.Demands
	// Progress is told to leaders that take it.
	Progress *outbox.Progress
	// Fleet has the node's workers.
	Fleet Fleet
	// Runtimes returns what workers can run on, and Holdings the labels of the releases that the node holds.
	Runtimes func() (java []uint32, python string)
	Holdings func() []string
	// Warmth returns the slots in which a process waits, and those in which one is being warmed.
	Warmth func() (warm, warming []string)
	// OpenData serves what a server asks to read. It returns at once.
	OpenData func(*agentv1.OpenData)
	// LeaveLease is the lease that is asked for when Run's context ends; 0: none.
	LeaveLease time.Duration
	Logger     *slog.Logger
}

// Fleet is what sessions need of the node's workers and slots. *fleet.Fleet is one.
type Fleet interface {
	// Inventory returns the newest status of every worker.
	Inventory() []*agentv1.WorkerStatus
	// Assign takes a part of an assignment, and Keep what a complete one named when its last part was there.
	Assign(part *agentv1.Assignment)
	Keep(workers, slotIDs map[string]bool)
	// Dismiss ends workers whose end no server asks for.
	Dismiss(ids []string)
	// Wake lets every worker look again, such as at a lease that stands.
	Wake()
}

// Sessions holds sessions, one after another. Only Run uses what it has.
type Sessions struct {
	config  Config
	proof   *lease.Proof
	newest  position  // of the assignments that were taken, over all sessions
	trouble string    // why the agent ended its last session itself; empty: it did not
	silent  error     // why no server was of use when all were asked last; nil: one answered
	taken   time.Time // when the node had a session last; before the first one, when New was called
	untaken *seldom.Cause
	lost    *seldom.Log
}

// New returns what holds sessions.
func New(config Config) *Sessions {
	return &Sessions{
		config:  config,
		proof:   lease.NewProof(config.RefusedMeansLeaderless),
		taken:   time.Now(),
		untaken: seldom.NewCause(config.Logger),
		lost:    seldom.New(config.Logger),
	}
}

// Run holds a session with whoever leads until the context ends; then it asks for a longer lease if workers stay.
// Without a leader it asks all servers again and again, and moves the lease forward as far as their answers prove. It
// is called once.
func (s *Sessions) Run(ctx context.Context) error {
	pauses := backoff.Doubling{First: firstPause}
	for ctx.Err() == nil {
		leader := s.findLeader(ctx)
		if ctx.Err() != nil {
			return nil // nobody was asked to the end
		}
		s.tellUntaken(leader)
		if leader != "" && s.hold(ctx, leader) {
			pauses.Reset() // it stood for a while: this is no loop
		}
		pauses.Max = s.longestPause()
		every.Pause(ctx, backoff.Jitter(pauses.Next(), rand.N[time.Duration]))
	}
	return nil
}

// longestPause leaves time for several attempts before a lease is over.
func (s *Sessions) longestPause() time.Duration {
	return max(min(maxPause, s.config.Lease.Usual()/8), leastPause)
}

// hold holds a session until it breaks. It returns whether there was one that stood for half a lease: one that breaks
// again and again is not to be tried as fast as can be.
func (s *Sessions) hold(ctx context.Context, leader string) bool {
	one := &session{
		config:  &s.config,
		newest:  &s.newest,
		leader:  leader,
		trouble: s.trouble,
	}
	began := time.Now()
	err := one.run(ctx)
	s.trouble = troubleOf(ctx, one, err)
	if one.registered {
		s.taken = time.Now()
		s.untaken.Cease()
	}
	switch {
	case !one.registered && ctx.Err() != nil:
		s.config.Logger.Debug("gave up a session that had not begun", "leader", leader, "error", err)
	case !one.registered:
		s.refused(leader, err, one.cause)
	case ctx.Err() != nil && err == nil:
		s.config.Logger.Info("left the leader", "leader", leader)
	default:
		err = grpcerr.FromStatus(err)
		s.lost.Of(slog.LevelWarn, errorText(err), "lost the leader", "leader", leader, "error", err)
	}
	return one.registered && time.Since(began) > s.config.Lease.Usual()/2
}

// maxTrouble bounds what the next registration says of a session's end, in bytes.
const maxTrouble = 512

// troubleOf says why the agent itself ended a session: there was a message that it could not take, and there may be one
// again. Servers are told, as only they can see to it.
func troubleOf(ctx context.Context, s *session, err error) string {
	_, ofTransport := status.FromError(err)
	tooLarge := status.Code(err) == codes.ResourceExhausted
	if err == nil || ctx.Err() != nil || !s.registered || errors.Is(err, errSilent) || ofTransport && !tooLarge {
		return ""
	}
	text := "the agent ended its last session: " + err.Error()
	return strings.ToValidUTF8(text[:min(len(text), maxTrouble)], "")
}

// refused logs why a leader gave no session: at once if somebody has to do something about it, and otherwise once that
// lasts; then now and again. cause is why no connection to it can stand; nil: one may.
func (s *Sessions) refused(leader string, err, cause error) {
	const untaken = "the leader does not take this node; trying again"
	refusal := grpcerr.FromStatus(err)
	if cause != nil {
		s.untaken.Warn(untaken, cause, "leader", leader)
		return
	}
	switch errs.KindOf(refusal) {
	case errs.Invalid, errs.Conflict, errs.WrongState, errs.TooLarge, errs.Unauthorized, errs.Forbidden:
		s.untaken.Warn(untaken, refusal, "leader", leader)
		return
	}
	s.config.Logger.Debug("the leader gave no session", "leader", leader, "error", err)
	if err != nil && time.Since(s.taken) >= untakenAfter {
		s.untaken.Warn(untaken, refusal, "leader", leader)
	}
}

// errorText is empty for nil.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
