package event

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// Kind is a kind of event. There is one value for each kind. It is made once and never changes.
type Kind struct {
	Name         string          // as in the log's contract, such as WorkersPlaced
	Since        uint32          // the log version that brought it; 0: none is known, and it cannot be written
	Told         *eventv1.Told   // what those who watch hear of it; nil: nothing
	Touches      eventv1.Touches // which nodes are to hear of it
	GivesWorkers bool            // it gives the run in its job_run_id more workers

	field   protoreflect.FieldDescriptor // of Event
	askedBy protoreflect.FieldDescriptor // of the fact; nil: nobody asks for this kind
	state   protoreflect.FieldDescriptor // of the fact; nil: it does not say its state
	count   protoreflect.FieldDescriptor // of the fact; nil: it is not about several
}

var (
	oneof = (&eventv1.Event{}).ProtoReflect().Descriptor().Oneofs().ByName("fact")
	kinds = kindsOf(oneof)
)

// kindsOf returns the kinds of all facts, by message.
func kindsOf(facts protoreflect.OneofDescriptor) map[protoreflect.FullName]*Kind {
	all := make(map[protoreflect.FullName]*Kind, facts.Fields().Len())
	for i := range facts.Fields().Len() {
		kind := kindOf(facts.Fields().Get(i))
		all[kind.field.Message().FullName()] = kind
	}
	return all
}

func kindOf(field protoreflect.FieldDescriptor) *Kind {
	options := field.Message().Options()
	kind := &Kind{
		Name:         string(field.Message().Name()),
		Since:        proto.GetExtension(field.Options(), eventv1.E_Since).(uint32),
		Touches:      proto.GetExtension(options, eventv1.E_Touches).(eventv1.Touches),
		GivesWorkers: proto.GetExtension(options, eventv1.E_GivesWorkers).(bool),
		field:        field,
		askedBy:      marked(field.Message(), eventv1.E_AskedBy),
		state:        marked(field.Message(), eventv1.E_ToldState),
		count:        marked(field.Message(), eventv1.E_ToldCount),
	}
	if proto.HasExtension(options, eventv1.E_Told) {
		kind.Told = proto.GetExtension(options, eventv1.E_Told).(*eventv1.Told)
	}
	return kind
}

// marked returns the field of a message that has an option; nil: none has.
func marked(message protoreflect.MessageDescriptor, option protoreflect.ExtensionType) protoreflect.FieldDescriptor {
	for i := range message.Fields().Len() {
		if field := message.Fields().Get(i); proto.GetExtension(field.Options(), option).(bool) {
			return field
		}
	}
	return nil
}

// Of returns the kind of an event, or nil if this version does not know its fact.
func Of(e *eventv1.Event) *Kind {
	field := e.ProtoReflect().WhichOneof(oneof)
	if field == nil {
		return nil
	}
	return kinds[field.Message().FullName()]
}

// All returns every kind, in no particular order.
func All() []*Kind {
	all := make([]*Kind, 0, len(kinds))
	for _, kind := range kinds {
		all = append(all, kind)
	}
	return all
}

// Wrap makes an event of a fact, which must be one of the messages that an Event can hold.
func Wrap(fact proto.Message) *eventv1.Event {
	kind, is := kinds[fact.ProtoReflect().Descriptor().FullName()]
	if !is {
		panic(fmt.Sprintf("%T is not an event", fact))
	}
	e := &eventv1.Event{}
	e.ProtoReflect().Set(kind.field, protoreflect.ValueOfMessage(fact.ProtoReflect()))
	return e
}
