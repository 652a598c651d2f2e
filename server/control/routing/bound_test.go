package routing

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/caller"
)

// cutOff is a follower that no record reaches any more.
type cutOff struct{ readIndex error }

func (cutOff) View() *state.View                           { return state.New() }
func (c cutOff) ReadIndex(context.Context) (uint64, error) { return 5, c.readIndex }
func (cutOff) IsLeader() bool                              { return false }
func (cutOff) LeaderChanged() <-chan struct{}              { return nil }
func (cutOff) WaitApplied(ctx context.Context, _ uint64) error {
	<-ctx.Done()
	return errs.New(errs.Unavailable, "cannot read at record 5: %w", ctx.Err())
}

// silent is a leader that takes calls and never answers.
type silent struct{ calls int }

func (s *silent) Invoke(ctx context.Context, _ string, _, _ any, _ ...grpc.CallOption) error {
	s.calls++
	<-ctx.Done()
	return status.FromContextError(ctx.Err()).Err()
}

func (*silent) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errors.New("no streams")
}
func (s *silent) Leader() (grpc.ClientConnInterface, error) { return s, nil }
func (*silent) ID() string                                  { return "server-1" }

// A caller without a deadline must not wait for ever.
func TestRetry_IsBoundedWhenNobodyAnswers(t *testing.T) {
	notLeader := errs.New(errs.NotLeader, "this server does not lead")
	for name, c := range map[string]struct {
		call func(*Router) error
		door cutOff
		kind errs.Kind
	}{
		"no record comes":            {readOf, cutOff{}, errs.Unavailable},
		"a read of a silent leader":  {readOf, cutOff{readIndex: notLeader}, errs.Unavailable},
		"a write at a silent leader": {writeOf, cutOff{}, errs.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				router := New(Config{Door: c.door, Members: &silent{}, Log: slog.New(slog.DiscardHandler)})
				began := time.Now()
				err := c.call(router)
				if !errs.Is(err, c.kind) {
					t.Errorf("got %v, want kind %s", err, c.kind)
				}
				if waited := time.Since(began); waited > retryFor+time.Second {
					t.Errorf("it waited %s", waited)
				}
			})
		})
	}
}

func readOf(r *Router) error {
	_, err := r.Read(context.Background(), false)
	return err
}

func writeOf(r *Router) error {
	info := &grpc.UnaryServerInfo{
		FullMethod: "/headrace.control.v1.JobRunService/StartJobRun",
		Server:     controlv1.UnimplementedJobRunServiceServer{},
	}
	ctx := caller.With(context.Background(), caller.Local())
	_, err := r.Forward(ctx, &controlv1.StartJobRunRequest{}, info, nil)
	return grpcerr.FromStatus(err)
}
