package event

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// Fact is what an event says, read by its kind.
type Fact struct {
	*Kind
	message protoreflect.Message
}

// FactOf returns what an event of a known kind says.
func FactOf(e *eventv1.Event) (Fact, bool) {
	kind := Of(e)
	if kind == nil {
		return Fact{}, false
	}
	return Fact{kind, e.ProtoReflect().Get(kind.field).Message()}, true
}

// AskedBy returns the user who asked for the fact; empty if nobody did.
func (f Fact) AskedBy() string { return f.text(f.askedBy) }

// ApplicationID returns the application that the fact names; empty if none.
func (f Fact) ApplicationID() string { return f.Text("application_id") }

// JobRunID returns the run that the fact names; empty if none.
func (f Fact) JobRunID() string { return f.Text("job_run_id") }

// NodeID returns the node that the fact names; empty if none.
func (f Fact) NodeID() string { return f.Text("node_id") }

// WorkerID returns the worker that the fact names; empty if none.
func (f Fact) WorkerID() string { return f.Text("worker_id") }

// Attempt returns the number of the attempt that the fact is about; 0 if it says none.
func (f Fact) Attempt() uint32 {
	if field := f.field("attempt"); field != nil {
		return uint32(f.message.Get(field).Uint())
	}
	return f.Told.GetAttempt()
}

// State returns the state that is told to those who watch; empty if none.
func (f Fact) State() string {
	if f.state == nil {
		return f.Told.GetState()
	}
	return enumWord(f.state, f.message.Get(f.state).Enum())
}

// WorkerType returns the type of the workers that the fact is about; empty if it says none.
func (f Fact) WorkerType() string {
	field := f.field("type")
	if field == nil || field.Enum() == nil {
		return ""
	}
	return enumWord(field, f.message.Get(field).Enum())
}

// Count returns how many workers or slots the fact is about; 0 if its kind is not about several.
func (f Fact) Count() int {
	if f.count == nil {
		return 0
	}
	return f.message.Get(f.count).List().Len()
}

// Says returns the value of a boolean field by its name; false if the fact has no such field.
func (f Fact) Says(name protoreflect.Name) bool {
	field := f.field(name)
	return field != nil && field.Kind() == protoreflect.BoolKind && f.message.Get(field).Bool()
}

// Text returns the value of a text field by its name; empty if the fact has no such field.
func (f Fact) Text(name protoreflect.Name) string { return f.text(f.field(name)) }

func (f Fact) field(name protoreflect.Name) protoreflect.FieldDescriptor {
	return f.message.Descriptor().Fields().ByName(name)
}

func (f Fact) text(field protoreflect.FieldDescriptor) string {
	if field == nil {
		return ""
	}
	return f.message.Get(field).String()
}

// enumWord returns a value's name without that of its enumeration: JOB_RUN_STATE_SUCCESS is SUCCESS.
func enumWord(field protoreflect.FieldDescriptor, number protoreflect.EnumNumber) string {
	values := field.Enum().Values()
	prefix := strings.TrimSuffix(string(values.ByNumber(0).Name()), "UNSPECIFIED")
	return strings.TrimPrefix(string(values.ByNumber(number).Name()), prefix)
}
