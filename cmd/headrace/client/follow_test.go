package client

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

type events = grpc.ServerStreamingServer[controlv1.WatchEventsResponse]

// event is the only event of a record.
func event(record uint64, kind string) *controlv1.WatchEventsResponse {
	return &controlv1.WatchEventsResponse{
		Position: &controlv1.Position{Record: record},
		Next:     &controlv1.Position{Record: record + 1},
		Kind:     kind,
	}
}

// followed follows until the event "end" and returns what was told.
func followed(t *testing.T, c *Client, read func(n int) (record uint64, done bool)) (told []string, err error) {
	t.Helper()
	reads := 0
	err = c.Follow(t.Context(), Follow{
		Filter: &controlv1.WatchEventsRequest{JobRunId: "r"},
		Read: func(context.Context) (uint64, bool, error) {
			reads++
			told = append(told, "read")
			record, done := read(reads)
			return record, done, nil
		},
		Event: func(e *controlv1.WatchEventsResponse) bool {
			told = append(told, e.GetKind())
			return e.GetKind() == "end"
		},
	})
	return told, err
}

func TestFollow_GoesOnAtTheNextServerWhereTheStreamBroke(t *testing.T) {
	var asked []uint64
	watch := func(r *controlv1.WatchEventsRequest, s events) error {
		asked = append(asked, r.GetFrom().GetRecord())
		if len(asked) == 1 {
			_ = s.Send(event(11, "one"))
			_ = s.Send(event(13, "two"))
			return errs.New(errs.Unavailable, "this server stops")
		}
		return s.Send(event(14, "end"))
	}
	one := &clusterfake.Server{Watch: watch}
	other := &clusterfake.Server{Watch: watch}
	told, err := followed(
		t,
		dial(t, 10*time.Second, one.Start(t), other.Start(t)),
		func(n int) (uint64, bool) { return 10, n == 2 },
	)
	if want := []string{"read", "one", "two", "end", "read"}; err != nil || !slices.Equal(told, want) {
		t.Errorf("told %v, error %v, want %v", told, err, want)
	}
	if want := []uint64{11, 14}; !slices.Equal(asked, want) {
		t.Errorf("watched from records %v, want %v", asked, want)
	}
}

func TestFollow_AStreamThatEndsIsOpenedAgain(t *testing.T) {
	opened := 0
	server := &clusterfake.Server{Watch: func(_ *controlv1.WatchEventsRequest, s events) error {
		if opened++; opened < 3 {
			return nil
		}
		return s.Send(event(11, "end"))
	}}
	if told, err := followed(t, dial(t, 10*time.Second, server.Start(t)), func(n int) (uint64, bool) {
		return 10, n == 2
	}); err != nil {
		t.Errorf("told %v, error %v", told, err)
	}
}

func TestFollow_ReadsAgainWhenEventsAreNoLongerKept(t *testing.T) {
	var asked []uint64
	server := &clusterfake.Server{Watch: func(r *controlv1.WatchEventsRequest, s events) error {
		if asked = append(asked, r.GetFrom().GetRecord()); len(asked) == 1 {
			return errs.New(errs.Compacted, "only those from record 50 on are kept")
		}
		return s.Send(event(61, "end"))
	}}
	told, err := followed(
		t,
		dial(t, 10*time.Second, server.Start(t)),
		func(n int) (uint64, bool) { return uint64(n-1)*50 + 10, n == 3 },
	)
	if want := []string{"read", "read", "end", "read"}; err != nil || !slices.Equal(told, want) {
		t.Errorf("told %v, error %v, want %v", told, err, want)
	}
	if want := []uint64{11, 61}; !slices.Equal(asked, want) {
		t.Errorf("watched from records %v, want %v", asked, want)
	}
}

func TestFollow_IsDoneWithoutWatching(t *testing.T) {
	server := &clusterfake.Server{}
	told, err := followed(t, dial(t, time.Second, server.Start(t)), func(int) (uint64, bool) { return 10, true })
	if err != nil || !slices.Equal(told, []string{"read"}) {
		t.Errorf("told %v, error %v", told, err)
	}
}

func TestFollow_GivesUpWhenNobodyAnswers(t *testing.T) {
	server := &clusterfake.Server{Watch: func(*controlv1.WatchEventsRequest, events) error {
		return errs.New(
			errs.Unavailable, "no")
	}}
	if _, err := followed(t, dial(t, 20*time.Millisecond, server.Start(t)), func(int) (uint64, bool) {
		return 10, false
	}); !errs.Is(
		err,
		errs.Unavailable,
	) {
		t.Errorf("error %v, want Unavailable", err)
	}
}
