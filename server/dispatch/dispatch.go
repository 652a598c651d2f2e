package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/printable"
	"github.com/headrace/headrace/internal/seldom"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/demand"
	"github.com/headrace/headrace/server/placement/avoidance"
	"github.com/headrace/headrace/server/uploads"
)

// Door is what dispatch needs of package consensus.
type Door interface {
	Execute(ctx context.Context, decide consensus.Decision) (consensus.Applied, error)
	View() *state.View
	Now() time.Time // record time
	LastContact() time.Time
	ReadIndex(ctx context.Context) (uint64, error)
	Term() uint64
}

// Members is what dispatch needs to know of the servers.
type Members interface {
	// LeaderAddress returns the gRPC address of the leader; empty when this server knows none.
	LeaderAddress() string
	// Addresses returns the gRPC addresses of all servers.
	Addresses() []string
	// Listeners returns all addresses, host:port, at which servers listen.
	Listeners() []string
	// Address returns the gRPC address of this server.
	Address() string
}

// Releases streams archives out of the servers' cache.
type Releases interface {
	Stream(digest []byte, offset int64, send func(chunk []byte) error) error
}

// Uploads streams files that users gave the servers for their job runs.
type Uploads interface {
	Stream(ctx context.Context, file uploads.Key, send func(chunk []byte) error) error
}

// Config says what a Dispatch works with.
type Config struct {
	Door      Door
	Window    *consensus.Window
	Demands   *demand.Store
	Avoided   *avoidance.Store // is told which nodes cannot prepare slots
	Members   Members
	Releases  Releases
	Uploads   Uploads
	Logs      Logs          // managed logs on the servers' disks; nil: they are elsewhere
	SecretKey []byte        // from which the secrets of attempts come
	Lease     time.Duration // the usual lease
	Margin    time.Duration // beyond it, before a node is declared lost
	Log       *slog.Logger
	Panics    *caught.Panics // nil: they are caught and not counted

	LogStorage   string        // URI of managed logs; empty: they are on the servers' disks
	LogRetention time.Duration // how long managed logs are kept
	Grants       Grants        // to read managed logs

	// Fresh returns a view that holds everything that was acknowledged before the call; nil: this server's own view
	// does.
	Fresh func(ctx context.Context) (*state.View, error)
	// Recall returns a view that has a run, though it is over and left the state; nil: none left.
	Recall func(ctx context.Context, view *state.View, run string) (*state.View, error)
}

// Dispatch is the AgentService of a server.
type Dispatch struct {
	agentv1.UnimplementedAgentServiceServer
	cfg        Config
	leadership atomic.Pointer[leadership] // nil while this server does not lead
	tickets    *tickets
	comings    *rates        // registrations, by certificate
	looks      *rate.Limiter // looks for what this server does not know
	refusals   *seldom.Log   // why nodes are not taken
}

// New returns a Dispatch.
func New(cfg Config) *Dispatch {
	return &Dispatch{
		cfg:      cfg,
		tickets:  newTickets(),
		comings:  newRates(comingsPerSecond, comingsAtOnce),
		looks:    rate.NewLimiter(looksPerSecond, looksAtOnce),
		refusals: seldom.New(cmp.Or(cfg.Log, slog.Default())),
	}
}

// LastHeard returns when this server last heard of a node's agent: it registered or renewed its lease. It is zero while
// this server does not lead, or has not heard of the node since it does.
func (d *Dispatch) LastHeard(node string) time.Time {
	t := d.leadership.Load()
	if t == nil {
		return time.Time{}
	}
	return t.leases.lastHeard(node)
}

// GetLeader says who leads.
func (d *Dispatch) GetLeader(context.Context, *agentv1.GetLeaderRequest) (*agentv1.GetLeaderResponse, error) {
	return &agentv1.GetLeaderResponse{
		LeaderAddress:   d.cfg.Members.LeaderAddress(),
		Term:            d.cfg.Door.Term(),
		ServerAddresses: d.cfg.Members.Addresses(),
	}, nil
}

// Session serves one agent while this server leads.
func (d *Dispatch) Session(stream grpc.BidiStreamingServer[agentv1.SessionRequest, agentv1.SessionResponse]) error {
	t := d.leadership.Load()
	if t == nil {
		return grpcerr.ToStatus(errs.New(errs.NotLeader,
			"this server does not lead; the leader is at %q", d.cfg.Members.LeaderAddress()))
	}
	first, err := firstOf(stream)
	if err != nil {
		return grpcerr.ToStatus(err)
	}
	if first.GetRegister() == nil {
		return grpcerr.ToStatus(errs.New(errs.Invalid, "a session begins with a registration"))
	}
	err = t.serve(stream, first.GetRegister())
	d.tellRefusal(first.GetRegister(), err)
	return grpcerr.ToStatus(err)
}

// tellRefusal logs why a node is not taken, if somebody has to do something about it, and that a newer session of a
// node ended another one: two agents with one id do that to each other again and again.
func (d *Dispatch) tellRefusal(r *agentv1.Register, err error) {
	if err == nil {
		return
	}
	name := shown(r.GetName())
	id := shown(r.GetNodeId())
	about := name + " " + id
	args := []any{"node", name, "id", id, "error", err}
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict, errs.WrongState, errs.TooLarge, errs.Unauthorized, errs.Forbidden:
		d.refusals.Of(slog.LevelWarn, about, "a node is refused; its agent tries again", args...)
	case errs.Unavailable:
		if errors.Is(err, errReplaced) {
			d.refusals.Of(slog.LevelWarn, about, "an agent's session was replaced by a newer one of the same node", args...)
		}
	}
}

// maxShown bounds, in characters, what is shown of a name that nobody has checked yet.
const maxShown = 80

// shown returns a name that an agent says, for the log: its beginning, without what acts on a terminal.
func shown(name string) string { return printable.Escape(fmt.Sprintf("%.*s", maxShown, name), "") }

// Data hands an agent's stream to the caller of WithData that asked its node for it.
func (d *Dispatch) Data(stream grpc.BidiStreamingServer[agentv1.DataRequest, agentv1.DataResponse]) error {
	from := ""
	err := d.admit(stream.Context(), func(_ *state.View, node *state.Node) error {
		from = node.ID
		return nil
	})
	if err != nil {
		return grpcerr.ToStatus(err)
	}
	first, err := firstOf(stream)
	if err != nil {
		return grpcerr.ToStatus(err)
	}
	return grpcerr.ToStatus(d.tickets.hand(first.GetTicket(), from, stream))
}

// FetchRelease streams an archive to an agent. Every node that may be given work may have every archive: it may be
// given a worker of that release at any moment, and the nodes have no secrets from each other about what they run.
func (d *Dispatch) FetchRelease(
	r *agentv1.FetchReleaseRequest,
	stream grpc.ServerStreamingServer[agentv1.FetchReleaseResponse],
) error {
	if err := d.admit(stream.Context(), working); err != nil {
		return grpcerr.ToStatus(err)
	}
	return grpcerr.ToStatus(d.cfg.Releases.Stream(r.GetDigest(), r.GetOffset(), func(chunk []byte) error {
		return stream.Send(&agentv1.FetchReleaseResponse{Chunk: chunk})
	}))
}

// session returns the session of a node; nil: its agent is not connected, or this server does not lead.
func (d *Dispatch) session(node string) *session {
	l := d.leadership.Load()
	if l == nil {
		return nil
	}
	return l.session(node)
}

// Ask has the agent of a node open a Data stream to a server. Only the leader can.
func (d *Dispatch) Ask(node, ticket, server string) error {
	l := d.leadership.Load()
	if l == nil {
		return errs.New(errs.NotLeader, "this server does not lead")
	}
	s := l.session(node)
	if s == nil {
		return errs.New(errs.Unavailable, "cannot reach node %s: its agent is not connected", node)
	}
	open := &agentv1.OpenData{Ticket: ticket, ServerAddress: server}
	s.send(&agentv1.SessionResponse{Message: &agentv1.SessionResponse_OpenData{OpenData: open}})
	return nil
}

// WithData gives use a Data stream of a node, for which it asks through ask: Ask here, or the leader's over the wire.
// The stream ends with ctx, so that a reader that goes away does not hold it until the agent has something to send.
func (d *Dispatch) WithData(
	ctx context.Context,
	node string,
	ask func(ctx context.Context, node, ticket, server string) error,
	use func(DataStream) error,
) error {
	name, issued := d.tickets.issue(node)
	defer d.tickets.release(name, issued)
	defer context.AfterFunc(ctx, issued.finish)()
	if err := ask(ctx, node, name, d.cfg.Members.Address()); err != nil {
		return err
	}
	stream, err := issued.wait(ctx, node)
	if err != nil {
		return err
	}
	return use(stream)
}
