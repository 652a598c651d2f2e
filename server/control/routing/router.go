package routing

import (
	"context"
	"log/slog"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
)

// Door is what routing needs of package consensus.
type Door interface {
	View() *state.View
	ReadIndex(ctx context.Context) (uint64, error)
	WaitApplied(ctx context.Context, record uint64) error
	IsLeader() bool
	// LeaderChanged returns a channel that is closed when another leads, nobody, or the same one in another term.
	LeaderChanged() <-chan struct{}
}

// Members is what routing needs to know of the servers.
type Members interface {
	// Leader returns a connection to the leader; its error is Unavailable when there is none, and ErrOutside when this
	// server takes no part.
	Leader() (grpc.ClientConnInterface, error)
	// ID returns this server's id.
	ID() string
}

// Config says what a Router works with.
type Config struct {
	Door    Door
	Members Members
	Log     *slog.Logger
	// SubmittedBy returns who submitted a run that left the state of a view; empty: nobody knows. Nil: none left.
	SubmittedBy func(ctx context.Context, view *state.View, run string) string
}

// Router brings calls to where they are answered.
type Router struct{ cfg Config }

// New returns a Router.
func New(cfg Config) *Router { return &Router{cfg: cfg} }
