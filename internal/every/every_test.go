package every

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
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
