package control

import (
	"context"
	"log/slog"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/places"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/accesskey"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/control/explanation"
	"github.com/headrace/headrace/server/dispatch"
	"github.com/headrace/headrace/server/logs"
	"github.com/headrace/headrace/server/releases"
	"github.com/headrace/headrace/server/ui"
)

// Door is what the API needs of package consensus.
type Door interface {
	Execute(ctx context.Context, decide consensus.Decision) (consensus.Applied, error)
	View() *state.View
	ReadIndex(ctx context.Context) (uint64, error)
	WaitApplied(ctx context.Context, record uint64) error
	IsLeader() bool
	Term() uint64
}

// Members is what the API needs to know of the servers.
type Members interface {
	// Leader returns a connection to the leader; its error is Unavailable when there is none.
	Leader() (grpc.ClientConnInterface, error)
	// List returns all servers.
	List() []*controlv1.Server
	// ID returns this server's id.
	ID() string
}

// Placement is what the API needs of package placement.
type Placement interface {
	explanation.Plan
	// Refused returns how many proposals were refused.
	Refused() uint64
}

// Config says what the API works with.
type Config struct {
	Door      Door
	Window    *consensus.Window
	Members   Members
	Placement Placement
	Dispatch  *dispatch.Dispatch
	Releases  *releases.Cache
	Limits    command.Limits
	LocalLogs LocalLogs                   // nil: managed logs are elsewhere
	LogPlace  func(uri string) logs.Place // of a destination of logs; nil: logs are on nodes only
	Links     ui.Links                    // to user interfaces
	Seal      *accesskey.Seal             // encrypts the secrets of access keys
	Log       *slog.Logger
	Panics    *caught.Panics // of calls through a Local; those of gRPC are caught by its server
}

// Control implements all services of the native API.
type Control struct {
	cfg         Config
	storedReads *places.Places // of stored logs
	dataReads   *places.Places // of data streams, by client and node
}

// New returns a Control.
func New(cfg Config) *Control {
	return &Control{cfg: cfg, storedReads: places.New(maxStored, storedEach), dataReads: places.New(maxData, dataEach)}
}

// Register adds the services to a gRPC server.
func (c *Control) Register(s grpc.ServiceRegistrar) {
	controlv1.RegisterApplicationServiceServer(s, &applications{Control: c})
	controlv1.RegisterJobRunServiceServer(s, &jobRuns{Control: c})
	controlv1.RegisterNodeServiceServer(s, &nodes{Control: c})
	controlv1.RegisterClusterServiceServer(s, &cluster{Control: c})
	controlv1.RegisterTagServiceServer(s, &tags{Control: c})
	controlv1.RegisterAccessKeyServiceServer(s, &accessKeys{Control: c})
	controlv1.RegisterWorkerServiceServer(s, &workers{Control: c, patience: launchTime})
}

// execute decides, and returns the view with the outcome and the record in which it is.
func (c *Control) execute(ctx context.Context, decide consensus.Decision) (*state.View, uint64, error) {
	applied, err := c.cfg.Door.Execute(ctx, decide)
	if err != nil {
		return nil, 0, err
	}
	return c.cfg.Door.View(), applied.Sequence, nil
}

// now is the time by which answers are made; decisions have their own.
func now() time.Time { return time.Now() }
