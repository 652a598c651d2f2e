package proposal

import (
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func TestBackoffEnd_DoublesToAMinute(t *testing.T) {
	tx := state.New().Begin()
	tx.PutWorker(state.Worker{
		ID:      "w1",
		Run:     "r",
		Attempt: 1,
		Number:  1,
		Node:    "n",
		State:   state.WorkerEnded,
		Ended:   start,
	})
	view := tx.View()
	for deaths, want := range map[uint32]time.Duration{
		2:    time.Second,
		3:    2 * time.Second,
		7:    32 * time.Second,
		8:    time.Minute,
		1000: time.Minute,
	} {
		if got := backoffEnd(view, &state.Attempt{Run: "r", Number: 1, Deaths: deaths}).Sub(start); got != want {
			t.Errorf("%d deaths wait %s, not %s", deaths, got, want)
		}
	}
}
