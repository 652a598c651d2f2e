package server

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// What never ends does not keep a server from its end.
func TestInTime_LeavesBehindWhatDoesNotEnd(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	hangs := make(chan struct{})
	defer close(hangs)
	time.AfterFunc(20*time.Millisecond, stop)
	if err := inTime(ctx, 20*time.Millisecond, func() error { <-hangs; return nil }); err == nil ||
		!strings.Contains(err.Error(), "within 20ms") {
		t.Errorf("got %v", err)
	}
	why := errors.New("why")
	if err := inTime(t.Context(), time.Hour, func() error { return why }); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
	if err := inTime(ctx, time.Hour, func() error { return why }); !errors.Is(err, why) {
		t.Errorf("after the end got %v", err)
	}
}
