package history

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

func TestEventFiles_AreBroughtAsLongAsSomebodyWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (eventFile{ctx, &eventFiles{}, "a"}).Write([]byte("text")); !errors.Is(err, context.Canceled) {
		t.Errorf("a file for nobody is written on: %v", err)
	}
}

// Who asks for a history and goes away leaves no node fetching for nobody.
func TestHistories_EndWhenNobodyWaitsForThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(Config{})
		ended := make(chan struct{})
		one := &history{unwant: func() { close(ended) }, settled: make(chan struct{}), looking: 1}
		one.unwaited = time.AfterFunc(unwaitedAfter, func() { h.abandon("run/1", one) })
		one.unwaited.Stop()
		h.held["run/1"] = one
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := h.Open(ctx, nil, &agentv1.History{JobRunId: "run", Attempt: 1})
		h.leave(one)
		if left := h.count(); err == nil || left != 1 {
			t.Errorf("who went away got %v, and %d histories are left", err, left)
		}
		<-ended // or synctest fails
		synctest.Wait()
		if h.count() != 0 {
			t.Error("it is still held")
		}
	})
}

// count returns how many histories are held.
func (h *Histories) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.held)
}
