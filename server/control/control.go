package control

import (
	"context"
	"log/slog"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/inflight"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/accesskey"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/control/explanation"
	"github.com/headrace/headrace/server/control/logreader"
	"github.com/headrace/headrace/server/control/peers"
	"github.com/headrace/headrace/server/control/routing"
	"github.com/headrace/headrace/server/dispatch"
	"github.com/headrace/headrace/server/history"
	"github.com/headrace/headrace/server/logs"
	"github.com/headrace/headrace/server/releases"
	"github.com/headrace/headrace/server/ui"
	"github.com/headrace/headrace/server/uploads"
)

// Door is what the API needs of package consensus.
type Door interface {
	routing.Door
	Execute(ctx context.Context, decide consensus.Decision) (consensus.Applied, error)
	Term() uint64
	Now() time.Time // record time
}

// Members is what the API needs to know of the servers.
type Members interface {
	routing.Members
	// List returns all servers, and how far each is.
	List(ctx context.Context) []*controlv1.Server
	// Remove takes a server's vote. Leader only.
	Remove(ctx context.Context, id string, force bool) error
}

// Placement is what the API needs of package placement.
type Placement interface {
	explanation.Plan
	// Refused returns how many proposals were refused.
	Refused() uint64
	// Rebuilds returns how often the planner was not as the state is.
	Rebuilds() uint64
}

// Config says what the API works with.
type Config struct {
	Door       Door
	Window     *consensus.Window
	Members    Members
	Placement  Placement
	Dispatch   *dispatch.Dispatch
	Releases   *releases.Cache
	Uploads    *uploads.Replicas
	History    *history.History
	Segments   *history.Replicas
	Limits     command.Limits
	LogBackend func(uri string) logs.Backend // of a destination of logs; nil: logs are on nodes only
	Links      ui.Links                      // to user interfaces
	Seal       *accesskey.Seal               // encrypts the secrets of access keys
	Log        *slog.Logger
	Panics     *caught.Panics // of calls through a Local; those of gRPC are caught by its server
}

// Control implements all services of the native API.
type Control struct {
	cfg     Config
	router  *routing.Router
	streams *peers.Streams
	logs    *logreader.Reader
	uploads *inflight.Limit // of uploads that are under way
}

// New returns a Control.
func New(cfg Config) *Control {
	c := &Control{
		cfg: cfg,
		router: routing.New(routing.Config{
			Door:        cfg.Door,
			Members:     cfg.Members,
			Log:         cfg.Log,
			SubmittedBy: cfg.History.SubmittedBy,
		}),
		uploads: inflight.New(maxUploads, maxUploadsOfUser),
	}
	c.streams = peers.NewStreams(c.router, cfg.Dispatch, func() *state.View { return cfg.Door.View() })
	c.logs = logreader.New(logreader.Config{
		View:     func(ctx context.Context) (*state.View, error) { return c.router.Read(ctx, false) },
		Streams:  c.streams,
		Dispatch: cfg.Dispatch,
		Backend:  cfg.LogBackend,
	})
	return c
}

// Register adds the services to a gRPC server.
func (c *Control) Register(s grpc.ServiceRegistrar) {
	controlv1.RegisterApplicationServiceServer(s, &applications{Control: c})
	controlv1.RegisterJobRunServiceServer(s, &jobRuns{Control: c})
	controlv1.RegisterNodeServiceServer(s, &nodes{Control: c})
	controlv1.RegisterClusterServiceServer(s, &cluster{Control: c})
	controlv1.RegisterTagServiceServer(s, &tags{Control: c})
	controlv1.RegisterAccessKeyServiceServer(s, &accessKeys{Control: c})
	controlv1.RegisterHistoryServiceServer(s, &histories{
		Control: c,
		reading: inflight.New(maxSegments, maxSegmentsOfUser),
	})
	controlv1.RegisterWorkerServiceServer(s, &workers{Control: c, patience: launchTime})
}

// Forward is the interceptor that every call of the API goes through, with those of other services of the same server.
func (c *Control) Forward(
	ctx context.Context,
	req any,
	info *grpc.UnaryServerInfo,
	handle grpc.UnaryHandler,
) (any, error) {
	return c.router.Forward(ctx, req, info, handle)
}

// ForwardStream is Forward for streams.
func (c *Control) ForwardStream(
	srv any,
	stream grpc.ServerStream,
	info *grpc.StreamServerInfo,
	handle grpc.StreamHandler,
) error {
	return c.router.ForwardStream(srv, stream, info, handle)
}

// Local returns a connection to the API, without a network.
func (c *Control) Local() *routing.Local {
	local := c.router.NewLocal(c.cfg.Panics)
	c.Register(local)
	return local
}

// execute decides, and returns the view with the outcome and the record in which it is.
func (c *Control) execute(ctx context.Context, decide consensus.Decision) (*state.View, uint64, error) {
	applied, err := c.cfg.Door.Execute(ctx, decide)
	if err != nil {
		return nil, 0, err
	}
	return c.cfg.Door.View(), applied.Sequence, nil
}

// now is the time by which answers are made, record time; decisions have their own.
func (c *Control) now() time.Time { return c.cfg.Door.Now() }
