package spec

import (
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// outline is what walks ask of a message's fields, read from its descriptor once: options are messages, and slow to
// ask.
type outline struct {
	fields []*outlined
	hollow []*outlined // those that may be there and say nothing: messages, and words of enums
}

// outlined is one field.
type outlined struct {
	field protoreflect.FieldDescriptor
	name  string
	below *outline                          // of its message, its elements or its entries; nil: they are no messages
	enum  protoreflect.EnumValueDescriptors // nil: it is no enum
	text  bool                              // it is a text, or a list or a map of texts
	keys  bool                              // it is a map, whose keys are texts always

	line     bool // its texts stand in one line
	lineKeys bool // its keys stand in one line
	solid    bool // its text, or its keys, are more than space
	required bool // it has to be there
	stays    bool // its message says something even if it is empty: that there is one
	counts   bool // its empty message says something where the message inherits: it removes what was inherited
}

var (
	applicationOutline = sync.OnceValue(func() *outline { return outlineOf(&specv1.Application{}) })
	jobRunOutline      = sync.OnceValue(func() *outline { return outlineOf(&specv1.JobRun{}) })
)

func outlineOf(m proto.Message) *outline {
	return outlineIn(map[protoreflect.FullName]*outline{}, m.ProtoReflect().Descriptor())
}

// outlineIn makes the outline of a message and of those below it, each once: a configuration is below itself.
func outlineIn(known map[protoreflect.FullName]*outline, m protoreflect.MessageDescriptor) *outline {
	if made := known[m.FullName()]; made != nil {
		return made
	}
	made := &outline{}
	known[m.FullName()] = made
	for i := range m.Fields().Len() {
		f := outlinedIn(known, m.Fields().Get(i))
		made.fields = append(made.fields, f)
		if f.below != nil || f.enum != nil {
			made.hollow = append(made.hollow, f)
		}
	}
	return made
}

func outlinedIn(known map[protoreflect.FullName]*outline, field protoreflect.FieldDescriptor) *outlined {
	f := &outlined{field: field, name: string(field.Name())}
	holds := field
	if field.IsMap() {
		f.keys = true
		holds = field.MapValue()
	}
	switch holds.Kind() {
	case protoreflect.MessageKind:
		f.below = outlineIn(known, holds.Message())
	case protoreflect.EnumKind:
		f.enum = holds.Enum().Values()
	case protoreflect.StringKind:
		f.text = true
	}
	f.line = optionOf(field, specv1.E_Line)
	f.lineKeys = optionOf(field, specv1.E_LineKeys)
	f.counts = optionOf(field, specv1.E_EmptyCounts)
	rules := rulesOf(field)
	f.required = rules.GetRequired()
	f.stays = f.required || field.ContainingOneof() != nil
	f.solid = f.required || rules.GetString().GetMinLen() > 0 || rules.GetMap().GetKeys().GetString().GetMinLen() > 0
	return f
}

func optionOf(field protoreflect.FieldDescriptor, option protoreflect.ExtensionType) bool {
	is, _ := proto.GetExtension(field.Options(), option).(bool)
	return is
}
