package codectest_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/spec"
	"github.com/headrace/headrace/internal/spec/codec/codectest"
)

// set notes the fields that a message has, and those below it.
func set(m protoreflect.Message, seen map[protoreflect.FullName]bool) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		seen[fd.FullName()] = true
		switch {
		case fd.IsMap() && fd.MapValue().Message() != nil:
			v.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool { set(v.Message(), seen); return true })
		case fd.IsList() && fd.Message() != nil:
			for i := range v.List().Len() {
				set(v.List().Get(i).Message(), seen)
			}
		case !fd.IsMap() && !fd.IsList() && fd.Message() != nil:
			set(v.Message(), seen)
		}
		return true
	})
}

// fields calls each for all fields of a message and of those below it, once.
func fields(md protoreflect.MessageDescriptor, done map[protoreflect.FullName]bool, each func(protoreflect.FullName)) {
	if md == nil || done[md.FullName()] {
		return
	}
	done[md.FullName()] = true
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		each(fd.FullName())
		if fd.IsMap() {
			fd = fd.MapValue()
		}
		fields(fd.Message(), done, each)
	}
}

func TestSpecs_AreRightAndHaveEveryField(t *testing.T) {
	seen := map[protoreflect.FullName]bool{}
	all := []proto.Message{}
	for _, a := range codectest.Applications() {
		all = append(all, a)
		if err := spec.ValidateApplication(spec.DefaultApplication(a)); err != nil {
			t.Errorf("%v in\n%v", err, a)
		}
	}
	for _, r := range codectest.JobRuns() {
		all = append(all, r)
		if err := spec.ValidateJobRun(spec.DefaultJobRun(r)); err != nil {
			t.Errorf("%v in\n%v", err, r)
		}
	}
	for _, m := range all {
		set(m.ProtoReflect(), seen)
	}
	done := map[protoreflect.FullName]bool{}
	for _, m := range all {
		fields(m.ProtoReflect().Descriptor(), done, func(name protoreflect.FullName) {
			if !seen[name] {
				t.Errorf("%s is in no message", name)
			}
		})
	}
}
