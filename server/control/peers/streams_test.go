package peers

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/control/routing"
)

// hanging is a leader that answers nothing, as a follower knows it until another one leads.
type hanging struct{ changed chan struct{} }

func (hanging) View() *state.View                           { return state.New() }
func (hanging) ReadIndex(context.Context) (uint64, error)   { return 0, nil }
func (hanging) WaitApplied(context.Context, uint64) error   { return nil }
func (hanging) IsLeader() bool                              { return false }
func (h hanging) LeaderChanged() <-chan struct{}            { return h.changed }
func (hanging) ID() string                                  { return "server-1" }
func (h hanging) Leader() (grpc.ClientConnInterface, error) { return h, nil }
func (hanging) Invoke(ctx context.Context, _ string, _, _ any, _ ...grpc.CallOption) error {
	<-ctx.Done()
	return status.FromContextError(ctx.Err()).Err()
}

func (hanging) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errors.New("no streams")
}

// Who looks at a page or a log while the leader changes may simply ask again.
func TestStreams_AskOfAFormerLeaderMayBeRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hanging{make(chan struct{})}
		streams := NewStreams(routing.New(routing.Config{Door: h, Members: h}), nil, h.View)
		time.AfterFunc(time.Second, func() { close(h.changed) })
		if err := streams.ask(t.Context(), "n-1", "ticket", "server-1:7401"); !errs.Is(err, errs.Unavailable) {
			t.Errorf("error %v of kind %s", err, errs.KindOf(err))
		}
	})
}
