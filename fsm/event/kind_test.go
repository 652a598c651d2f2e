package event_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/fsm/event"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// Whatever the log can hold is wrapped and found again.
func TestWrap_HasEveryKind(t *testing.T) {
	facts := (&eventv1.Event{}).ProtoReflect().Descriptor().Oneofs().ByName("fact").Fields()
	if n := len(event.All()); n != facts.Len() {
		t.Errorf("there are %d kinds of %d facts: two share a message", n, facts.Len())
	}
	for i := range facts.Len() {
		want := &eventv1.Event{}
		fact := want.ProtoReflect().Mutable(facts.Get(i)).Message()
		got := event.Wrap(fact.Interface())
		if !proto.Equal(got, want) || event.Of(got).Name != string(facts.Get(i).Message().Name()) {
			t.Errorf("%s is wrapped as %v", facts.Get(i).Name(), got)
		}
	}
	if event.Of(&eventv1.Event{}) != nil {
		t.Error("an event without a fact has a kind")
	}
}

// What an option says of a kind needs the field that it speaks of.
func TestKinds_HaveTheFieldsThatTheirOptionsNeed(t *testing.T) {
	needs := map[eventv1.Touches]string{
		eventv1.Touches_TOUCHES_NODE:   "node_id",
		eventv1.Touches_TOUCHES_RUN:    "job_run_id",
		eventv1.Touches_TOUCHES_WORKER: "worker_id",
	}
	facts := (&eventv1.Event{}).ProtoReflect().Descriptor().Oneofs().ByName("fact").Fields()
	for i := range facts.Len() {
		message := facts.Get(i).Message()
		e := &eventv1.Event{}
		e.ProtoReflect().Mutable(facts.Get(i))
		kind := event.Of(e)
		has := func(name string) bool { return message.Fields().ByName(protoreflect.Name(name)) != nil }
		if field := needs[kind.Touches]; field != "" && !has(field) {
			t.Errorf("%s touches by its %s, and has none", kind.Name, field)
		}
		if kind.GivesWorkers && !has("job_run_id") {
			t.Errorf("%s gives workers to no run", kind.Name)
		}
		if kind.Told.GetNodeState() && !has("node_id") {
			t.Errorf("%s tells the state of no node", kind.Name)
		}
	}
}

func TestFact_IsReadByItsKind(t *testing.T) {
	placed := &eventv1.WorkersPlaced{
		JobRunId: "run",
		Attempt:  2,
		NodeId:   "node",
		Type:     eventv1.WorkerType_WORKER_TYPE_EXECUTOR,
		Workers:  make([]*eventv1.PlacedWorker, 3),
	}
	fact, known := event.FactOf(event.Wrap(placed))
	if !known || fact.JobRunID() != "run" || fact.Attempt() != 2 || fact.NodeID() != "node" ||
		fact.WorkerType() != "EXECUTOR" ||
		fact.Count() != 3 || fact.State() != "PLACED" || fact.AskedBy() != "" || fact.ApplicationID() != "" {
		t.Errorf("%+v is read wrongly", fact)
	}
	ended, _ := event.FactOf(event.Wrap(&eventv1.JobRunEnded{State: eventv1.JobRunState_JOB_RUN_STATE_FAILED}))
	submitted, _ := event.FactOf(event.Wrap(&eventv1.JobRunSubmitted{CreatedBy: "ann"}))
	if ended.State() != "FAILED" || submitted.AskedBy() != "ann" || submitted.Attempt() != 1 {
		t.Errorf("%q, %q, %d", ended.State(), submitted.AskedBy(), submitted.Attempt())
	}
}
