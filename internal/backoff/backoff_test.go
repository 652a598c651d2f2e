package backoff

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDoubling_DoublesUpToTheLongest(t *testing.T) {
	pauses := Doubling{First: time.Second, Max: 5 * time.Second}
	for round := range 2 {
		var got []time.Duration
		for range 5 {
			got = append(got, pauses.Next())
		}
		want := []time.Duration{
			time.Second,
			2 * time.Second,
			4 * time.Second,
			5 * time.Second,
			5 * time.Second,
		}
		if !slices.Equal(got, want) {
			t.Errorf("round %d: %v, not %v", round, got, want)
		}
		pauses.Reset()
	}
}

// A longest pause may follow something else, such as the length of a lease.
func TestDoubling_FollowsALongestPauseThatChanges(t *testing.T) {
	pauses := Doubling{First: 50 * time.Millisecond, Max: 2 * time.Millisecond}
	first := pauses.Next()
	second := pauses.Next()
	pauses.Max = time.Second
	third := pauses.Next()
	if first != 50*time.Millisecond || second != 2*time.Millisecond || third != 4*time.Millisecond {
		t.Errorf("%s, %s, %s", first, second, third)
	}
}

func TestDoubling_DoesNotOverflow(t *testing.T) {
	pauses := Doubling{First: math.MaxInt64 / 2, Max: math.MaxInt64}
	for range 5 {
		if pause := pauses.Next(); pause <= 0 {
			t.Errorf("a pause of %s", pause)
		}
	}
}

// After and Doubling are the same pauses, counted in two ways.
func TestAfter_IsWhatDoublingGives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "first"))
		longest := time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "longest"))
		if got := After(0, first, longest); got != first {
			t.Fatalf("after no failure %s, not %s", got, first)
		}
		pauses := Doubling{First: first, Max: longest}
		for failures := range uint32(50) {
			if got, want := After(failures+1, first, longest), pauses.Next(); got != want {
				t.Fatalf("after %d failures %s, not %s", failures+1, got, want)
			}
		}
	})
}

func TestAfter_EndsHoweverManyFailuresThereAre(t *testing.T) {
	if got := After(math.MaxUint32, time.Second, time.Minute); got != time.Minute {
		t.Errorf("%s", got)
	}
}

func TestJitter_IsFromHalfToAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pause := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "pause"))
		if got := Jitter(pause, rand.N[time.Duration]); got < pause/2 || got > pause {
			t.Fatalf("%s of %s", got, pause)
		}
	})
}
