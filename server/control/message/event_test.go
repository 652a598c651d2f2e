package message

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

const userText = "WHAT-A-USER-WROTE"

// fill sets every text of a message: ids to an id, who did it to a name, everything else to what a user wrote.
func fill(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		text := protoreflect.ValueOfString(userText)
		switch name := string(f.Name()); {
		case strings.HasSuffix(name, "_id"), strings.HasSuffix(name, "_ids"):
			text = protoreflect.ValueOfString("id")
		case strings.HasSuffix(name, "_by"):
			text = protoreflect.ValueOfString("ann")
		}
		switch {
		case f.IsMap():
			if f.MapValue().Kind() == protoreflect.StringKind {
				m.Mutable(f).Map().Set(text.MapKey(), text)
			}
		case f.Kind() == protoreflect.StringKind && f.IsList():
			m.Mutable(f).List().Append(text)
		case f.Kind() == protoreflect.StringKind:
			m.Set(f, text)
		case f.Kind() == protoreflect.MessageKind && f.IsList() && depth > 0:
			fill(m.Mutable(f).List().AppendMutable().Message(), depth-1)
		case f.Kind() == protoreflect.MessageKind && !f.IsList() && depth > 0:
			fill(m.Mutable(f).Message(), depth-1)
		}
	}
}

// asked says whether an event says who asked for it.
func asked(fact protoreflect.MessageDescriptor) bool {
	for i := range fact.Fields().Len() {
		if strings.HasSuffix(string(fact.Fields().Get(i).Name()), "_by") {
			return true
		}
	}
	return false
}

// Whatever an event holds, those who watch see no text of a user; and what they do not see at all is chosen, not
// forgotten.
func TestEvent_TellsKindsAndNoUsersText(t *testing.T) {
	hidden := []string{
		"application_forgotten", "cluster_initialized", "history_dropped", "job_runs_archived", "request_completed",
		"state_digested",
	}
	view := state.New()
	facts := (&eventv1.Event{}).ProtoReflect().Descriptor().Oneofs().ByName("fact").Fields()
	for i := range facts.Len() {
		event := &eventv1.Event{}
		fill(event.ProtoReflect().Mutable(facts.Get(i)).Message(), 4)
		name := string(facts.Get(i).Name())
		m := Event(view, event)
		switch {
		case m == nil && !slices.Contains(hidden, name):
			t.Errorf("nobody sees a %s", name)
		case m == nil:
		case slices.Contains(hidden, name):
			t.Errorf("a %s is seen", name)
		case strings.Contains(prototext.Format(m), userText):
			t.Errorf("a %s shows what a user wrote: %v", name, m)
		case strings.ReplaceAll(strings.ToLower(m.GetKind()), "_", "") != strings.ReplaceAll(name, "_", ""):
			t.Errorf("a %s is told as %s", name, m.GetKind())
		case (m.GetBy() == "ann") != asked(facts.Get(i).Message()):
			t.Errorf("a %s is told as by %q", name, m.GetBy())
		}
	}
}

func TestEvent_SlotsNameTheirOwner(t *testing.T) {
	view := state.New()
	for _, event := range []*eventv1.Event{
		{
			Fact: &eventv1.Event_SlotsReady{SlotsReady: &eventv1.SlotsReady{
				ApplicationId: "a",
				NodeId:        "n1",
				SlotIds:       []string{"s1", "s2"},
			}},
		},
		{
			Fact: &eventv1.Event_SlotsReleased{SlotsReleased: &eventv1.SlotsReleased{
				ApplicationId: "a",
				NodeId:        "n1",
				SlotIds:       []string{"s1", "s2"},
			}},
		},
	} {
		if m := Event(view, event); m.GetApplicationId() != "a" || m.GetNodeId() != "n1" || m.GetWorkers() != 2 {
			t.Errorf("%v is watched as %v", event, m)
		}
	}
	m := Event(
		view,
		&eventv1.Event{
			Fact: &eventv1.Event_SlotsReserved{SlotsReserved: &eventv1.SlotsReserved{
				ApplicationId: "a", NodeId: "n2",
				Type: eventv1.WorkerType_WORKER_TYPE_DRIVER, SlotIds: []string{"s4", "s5"},
			}},
		},
	)
	if m.GetState() != "RESERVED" || m.GetWorkerType() != "DRIVER" || m.GetWorkers() != 2 || m.GetNodeId() != "n2" {
		t.Errorf("reserved: %v", m)
	}
}
