package copies

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/errs"
)

// peer is another server, which is only counted.
type peer struct{ grpc.ClientConnInterface }

// A file is kept safely only by as many servers as are wanted, and what is said otherwise is said in words.
func TestSpread_CountsServersThatVote(t *testing.T) {
	gone := errors.New("it is gone")
	others := []grpc.ClientConnInterface{peer{}, peer{}}
	for name, c := range map[string]struct {
		voters Voters
		wanted int
		keeps  error
		fails  bool
	}{
		"nobody is known":        {Voters{}, 0, nil, true},
		"alone":                  {Voters{Self: true, Majority: 1}, 1, nil, false},
		"too few are reached":    {Voters{Self: true, Majority: 2}, 2, nil, true},
		"the others keep it":     {Voters{Others: others, Majority: 2}, 2, nil, false},
		"the others are gone":    {Voters{Others: others, Self: true, Majority: 2}, 2, gone, true},
		"one of one is enough":   {Voters{Others: others, Self: true, Majority: 2}, 1, gone, false},
		"self does not vote, so": {Voters{Others: others[:1], Majority: 2}, 2, nil, true},
	} {
		err := c.voters.Spread(t.Context(), "the file", c.wanted, time.Minute,
			func(context.Context, grpc.ClientConnInterface) error { return c.keeps })
		if (err != nil) != c.fails || err != nil && (!errs.Is(err, errs.Unavailable) || strings.Contains(err.Error(), "%!")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// However many ask for a file, it is brought once; who does not wait for it any more says so.
func TestOnce_BringsAFileOnceForAllWhoAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var here atomic.Bool
		brought := 0
		once := &Once{}
		file := File{Name: "f", What: "the file", Here: here.Load}
		ask := func(ctx context.Context) error {
			return once.Do(ctx, file, time.Minute, func(context.Context) error {
				brought++
				<-time.After(10 * time.Second)
				here.Store(true)
				return nil
			})
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		answers := make(chan error, 3)
		for _, ctx := range []context.Context{t.Context(), short, t.Context()} {
			go func() { answers <- ask(ctx) }()
		}
		if err := <-answers; !errs.Is(err, errs.Unavailable) {
			t.Errorf("who waits for a second is told %v", err)
		}
		if err := errors.Join(<-answers, <-answers, ask(t.Context())); err != nil || brought != 1 {
			t.Errorf("brought %d times: %v", brought, err)
		}
	})
}

// A file that could not be brought is left alone, with the reason, for longer and longer.
func TestRests_DoubleUpToTheLongest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rests Rests[string]
		cause := errors.New("nobody has it")
		for _, want := range []time.Duration{2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second} {
			rests.Note("f", cause, 5*time.Second)
			<-time.After(want - 1)
			if err := rests.Cause("f"); err != cause {
				t.Errorf("before %s it may be tried: %v", want, err)
			}
			<-time.After(1)
			if err := rests.Cause("f"); err != nil {
				t.Errorf("after %s it may not be tried: %v", want, err)
			}
		}
		rests.Note("g", cause, time.Minute)
		rests.Note("f", nil, time.Minute)
		if rests.Keep(func(file string) bool { return file == "f" }); rests.Len() != 0 {
			t.Errorf("%d are known", rests.Len())
		}
	})
}
