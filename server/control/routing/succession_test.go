package routing

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
)

// followed is a follower's view of who leads: one that hangs, until succeed names one that answers.
type followed struct {
	cutOff
	mu      sync.Mutex
	changed chan struct{}
	leader  grpc.ClientConnInterface
}

func (f *followed) WaitApplied(context.Context, uint64) error { return nil }
func (f *followed) View() *state.View                         { return state.New() }
func (*followed) ID() string                                  { return "server-1" }
func (f *followed) Leader() (grpc.ClientConnInterface, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.leader, nil
}

func (f *followed) LeaderChanged() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed
}

func (f *followed) succeed(leader grpc.ClientConnInterface) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.leader = leader
	close(f.changed)
	f.changed = make(chan struct{})
}

// noting is a leader that notes the request ids of its calls, and answers or hangs.
type noting struct {
	hangs bool
	ids   []string
}

func (n *noting) Invoke(ctx context.Context, _ string, _, answer any, _ ...grpc.CallOption) error {
	sent, _ := metadata.FromOutgoingContext(ctx)
	n.ids = append(n.ids, sent.Get(RequestIDKey)...)
	if n.hangs {
		return (&silent{}).Invoke(ctx, "", nil, nil)
	}
	if index, is := answer.(*peerv1.GetReadIndexResponse); is {
		index.Record = 7
	}
	return nil
}

func (*noting) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errors.New("no streams")
}

// A leader that hangs keeps what was asked of it. Once another leads, a call is asked there at once, under the same
// request id.
func TestC3_CallsLeaveALeaderThatHangsForItsSuccessor(t *testing.T) {
	for name, call := range map[string]func(*Router) error{"read": readOf, "write": writeOf} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				old := &noting{hangs: true}
				next := &noting{}
				door := &followed{
					cutOff:  cutOff{readIndex: errs.New(errs.NotLeader, "this server does not lead")},
					changed: make(chan struct{}),
					leader:  old,
				}
				router := New(Config{Door: door, Members: door, Log: slog.New(slog.DiscardHandler)})
				time.AfterFunc(time.Second, func() { door.succeed(next) })
				began := time.Now()
				if err := call(router); err != nil {
					t.Error(err)
				}
				if waited := time.Since(began); waited > time.Second+firstPause {
					t.Errorf("it waited %s, and another led after a second", waited)
				}
				if name == "write" && (len(old.ids) != 1 || len(next.ids) != 1 || old.ids[0] != next.ids[0]) {
					t.Errorf("request ids %v, then %v", old.ids, next.ids)
				}
			})
		})
	}
}

// A read of a leader that leads no more is not made, and that is known: nobody is told to repeat it under its id.
func TestC3_ReadOfAFormerLeaderIsUnavailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := &followed{changed: make(chan struct{}), leader: &noting{hangs: true}}
		router := New(Config{Door: door, Members: door, Log: slog.New(slog.DiscardHandler)})
		time.AfterFunc(time.Second, func() { door.succeed(&noting{}) })
		if _, err := router.leaderIndex(t.Context()); !errs.Is(err, errs.Unavailable) {
			t.Errorf("error %v of kind %s", err, errs.KindOf(err))
		}
	})
}

// While nobody leads a call is repeated soon after somebody does, not after a pause that has grown.
func TestC3_CallsThatWaitForALeaderGoToItSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := &followed{changed: make(chan struct{}), leader: &noting{}}
		router := New(Config{Door: door, Members: door, Log: slog.New(slog.DiscardHandler)})
		led := time.Now().Add(3100 * time.Millisecond)
		time.AfterFunc(time.Until(led), func() { door.succeed(&noting{}) })
		err := router.Retry(t.Context(), func(context.Context) error {
			if time.Now().Before(led) {
				return errs.New(errs.Unavailable, "nobody leads")
			}
			return nil
		})
		if late := time.Since(led); err != nil || late > firstPause {
			t.Errorf("error %v, %s after there was a leader", err, late)
		}
	})
}

// A server that takes no part says so at once, and is not asked again for as long as there might be a leader.
func TestC5_AServerThatTakesNoPartSaysSoAtOnce(t *testing.T) {
	for name, call := range map[string]func(*Router) error{"read": readOf, "write": writeOf} {
		synctest.Test(t, func(t *testing.T) {
			door := &outside{followed: followed{
				cutOff:  cutOff{readIndex: errs.New(errs.NotLeader, "this server does not lead")},
				changed: make(chan struct{}),
			}}
			router := New(Config{Door: door, Members: door, Log: slog.New(slog.DiscardHandler)})
			began := time.Now()
			err := grpcerr.FromStatus(call(router))
			if !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "takes no part in the cluster: removed") {
				t.Errorf("%s: %v", name, err)
			}
			if waited := time.Since(began); waited != 0 {
				t.Errorf("%s: it is told after %s", name, waited)
			}
		})
	}
}

// outside is a server that takes no part.
type outside struct{ followed }

func (*outside) Leader() (grpc.ClientConnInterface, error) {
	return nil, errs.New(errs.Unavailable, "%w: removed", ErrOutside)
}
