package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/placement/avoidance"
)

// weighingDoor applies at once, and remembers how large the largest record was.
type weighingDoor struct {
	Door
	view    *state.View
	largest int
}

func (d *weighingDoor) Now() time.Time { return time.Now() }

func (d *weighingDoor) View() *state.View { return d.view }

func (d *weighingDoor) Execute(_ context.Context, decide consensus.Decision) (consensus.Applied, error) {
	events, err := decide(d.view, command.Meta{Limits: command.DefaultLimits()})
	record := &eventv1.Record{Sequence: d.view.Sequence + 1, Events: events}
	d.largest = max(d.largest, proto.Size(record))
	d.view = fsm.ApplyEvents(d.view, record)
	return consensus.Applied{}, err
}

// A record that is too large would be refused, and the agent would report the same again for ever.
func TestRecord_AFullReportOfLongMessagesFitsIntoRecords(t *testing.T) {
	tx := state.New().Begin()
	tx.PutNode(state.Node{ID: "n1", Name: "n1", Zone: "a", State: state.NodeReady})
	terms := state.Terms{Release: "emr-7.2.0"}
	tx.PutApplication(state.Application{ID: "app", Terms: terms, State: state.ApplicationStarting})
	report := &agentv1.Report{}
	for i := range 256 {
		id := fmt.Sprintf("slot-%021d", i)
		tx.PutSlot(state.Slot{ID: id, Application: "app", Node: "n1", Size: slotSize, Type: state.TypeExecutor})
		report.Slots = append(report.Slots, &agentv1.SlotStatus{SlotId: id, Error: strings.Repeat("x", maxMessage)})
	}
	door := &weighingDoor{view: tx.Commit()}
	dispatch := New(Config{Door: door, Avoided: avoidance.NewStore(), Log: slog.New(slog.DiscardHandler)})
	s := &session{node: "n1", ctx: t.Context(), leadership: &leadership{dispatch: dispatch}}
	if err := s.record(report); err != nil {
		t.Fatal(err)
	}
	if nodes := dispatch.cfg.Avoided.Nodes("app", time.Now()); door.largest > 512<<10 || len(nodes) != 1 ||
		!door.view.Used().IsZero() {
		t.Errorf("the largest record has %d bytes; %v is avoided, and %s is held",
			door.largest, nodes, door.view.Used())
	}
}
