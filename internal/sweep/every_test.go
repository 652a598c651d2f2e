package sweep

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestEvery_SweepsNowAgainAndWhenThereIsTooMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Minute)
		defer cancel()
		began := time.Now()
		full := func() bool { return time.Since(began) == 12*time.Minute }
		var at []time.Duration
		Every(ctx, 10*time.Minute, full, func() { at = append(at, time.Since(began)) })
		if want := []time.Duration{0, 10 * time.Minute, 12 * time.Minute, 20 * time.Minute}; !slices.Equal(at, want) {
			t.Errorf("swept at %v, not %v", at, want)
		}
	})
}

func TestEvery_NeedsNobodyWhoSaysThatThereIsTooMuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Minute)
		defer cancel()
		sweeps := 0
		Every(ctx, time.Hour, nil, func() { sweeps++ })
		if sweeps != 3 {
			t.Errorf("%d sweeps in two and a half hours", sweeps)
		}
	})
}
