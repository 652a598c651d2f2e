package every

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headrace/headrace/internal/backoff"
)

func TestInterval_CallsAfterEachIntervalUntilTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		var after []time.Duration
		Interval(ctx, time.Second, func(now time.Time) {
			after = append(after, now.Sub(begun))
			if len(after) == 3 {
				cancel()
			}
		})
		if want := []time.Duration{time.Second, 2 * time.Second, 3 * time.Second}; !slices.Equal(after, want) {
			t.Errorf("called after %v, want %v", after, want)
		}
	})
}

func TestInterval_CatchesUpOnceAfterALongCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var calls []time.Duration
		Interval(ctx, time.Second, func(time.Time) {
			calls = append(calls, time.Since(begun))
			switch len(calls) {
			case 1:
				<-time.After(2500 * time.Millisecond)
			case 3:
				cancel()
			}
		})
		want := []time.Duration{time.Second, 3500 * time.Millisecond, 4 * time.Second}
		if !slices.Equal(calls, want) {
			t.Errorf("called after %v, want %v", calls, want)
		}
	})
}

func TestTry_EndsWithASuccessTheBoundTheContextOrWhatNoRepetitionCures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken, final := errors.New("broken"), errors.New("final")
		ending, cancel := context.WithCancel(t.Context())
		defer cancel()
		for name, c := range map[string]struct {
			fails []error // one for each call
			calls int
			want  error
		}{
			"at once":   {nil, 1, nil},
			"later":     {[]error{broken, broken}, 3, nil},
			"never":     {[]error{broken, broken, broken, broken}, 4, broken},
			"no more":   {[]error{broken, final, nil}, 2, final},
			"cancelled": {[]error{broken, broken, broken}, 2, broken},
		} {
			calls := 0
			ctx := t.Context()
			if name == "cancelled" {
				ctx = ending
			}
			begun := time.Now()
			pauses := backoff.Doubling{First: time.Second, Max: time.Minute}
			err := Try(ctx, 4, pauses, func(err error) bool { return errors.Is(err, broken) }, func() error {
				if calls++; name == "cancelled" && calls == 2 {
					cancel()
				}
				if calls <= len(c.fails) {
					return c.fails[calls-1]
				}
				return nil
			})
			if !errors.Is(err, c.want) || calls != c.calls {
				t.Errorf("%s: %d calls, %v", name, calls, err)
			}
			if took := time.Since(begun); took > 7*time.Second || (took == 0) != (calls == 1) {
				t.Errorf("%s: %d calls took %s", name, calls, took)
			}
		}
	})
}

func TestPause_EndsWithItsTimeOrItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		if !Pause(t.Context(), time.Minute) || time.Since(begun) != time.Minute {
			t.Errorf("it took %s of a minute", time.Since(begun))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun = time.Now()
		if Pause(ctx, time.Minute) || time.Since(begun) != time.Second {
			t.Errorf("with a second left it took %s", time.Since(begun))
		}
	})
}
