package control

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/spec"
	"github.com/headrace/headrace/internal/testcluster/solo"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
)

// createMany adds n applications in one record.
func createMany(t *testing.T, door *consensus.Consensus, n int) {
	t.Helper()
	_, err := door.Execute(t.Context(), func(view *state.View, meta command.Meta) (events []*eventv1.Event, err error) {
		for i := range n {
			named := specv1.Application_builder{Name: new(fmt.Sprint(i)), Engine: specv1.Engine_ENGINE_PROCESS.Enum()}
			one := &command.CreateApplication{Spec: spec.DefaultApplication(named.Build())}
			decided, err := one.Decide(view, meta)
			if err != nil {
				return nil, err
			}
			events = append(events, decided...)
		}
		return events, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWatchEvents_SaysWhatIsNoLongerKept(t *testing.T) {
	client := serve(t)
	door := client.door
	for range 3 {
		createMany(t, door, windowEvents)
	}
	stream, err := client.WatchEvents(t.Context(), &controlv1.WatchEventsRequest{From: &controlv1.Position{Record: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = stream.Recv(); !errs.Is(grpcerr.FromStatus(err), errs.Compacted) {
		t.Errorf("got %v, want kind COMPACTED", err)
	}
	// From here it goes on, from within a record too.
	newest := door.View().Sequence
	stream, err = client.WatchEvents(
		t.Context(),
		&controlv1.WatchEventsRequest{From: &controlv1.Position{Record: newest, Event: windowEvents - 1}},
	)
	if err != nil {
		t.Fatal(err)
	}
	m, err := stream.Recv()
	if err != nil || m.GetPosition().GetEvent() != windowEvents-1 || m.GetNext().GetRecord() != newest+1 ||
		m.GetNext().GetEvent() != 0 {
		t.Errorf("got %v, %v", m, err)
	}
}

// A reader that does not read is cut off once what it has to read is no longer kept; up to there it missed nothing.
func TestWatchEvents_CutsOffSlowReaders(t *testing.T) {
	client := serve(t)
	door := client.door
	ctx, cancel := context.WithTimeout(t.Context(), solo.Patience)
	defer cancel()
	stream, err := client.WatchEvents(ctx, &controlv1.WatchEventsRequest{From: &controlv1.Position{Record: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Header(); err != nil {
		t.Fatal(err)
	}
	const records, each = 40, 400 // more than fits between two ends of a connection
	for range records {
		createMany(t, door, each)
	}
	seen, next := 0, &controlv1.Position{Record: 1}
	for {
		m, err := stream.Recv()
		if err != nil {
			if err == io.EOF || !errs.Is(grpcerr.FromStatus(err), errs.Compacted) {
				t.Errorf("after %d events: %v", seen, err)
			}
			break
		}
		if seen++; m.GetPosition().GetRecord() != next.GetRecord() || m.GetPosition().GetEvent() != next.GetEvent() {
			t.Fatalf("event at %v follows %v", m.GetPosition(), next)
		}
		next = m.GetNext()
	}
	if seen == 0 || seen >= records*each {
		t.Errorf("a slow reader saw %d of %d events", seen, records*each)
	}
}
