package support

import (
	"maps"
	"slices"
	"strconv"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/errs"
)

// Check refuses an application or a job run that says something of a part that is refused. Its error names the field,
// as those of package spec.
func Check(m proto.Message) error {
	s := &saying{parts: refusedFields()}
	return s.message("spec", m.ProtoReflect())
}

// Notes returns what an application or a job run says that is kept and not acted on, in sentences for people.
func Notes(m proto.Message) []string {
	s := &saying{parts: keptFields(), keeps: true}
	_ = s.message("spec", m.ProtoReflect())
	return s.notes
}

var (
	refusedFields = sync.OnceValue(func() map[protoreflect.FullName]*Part { return byField(Refused) })
	keptFields    = sync.OnceValue(func() map[protoreflect.FullName]*Part { return byField(Kept) })
)

// RefusedFields returns the full names of the fields that Check refuses if they say something.
func RefusedFields() map[protoreflect.FullName]bool {
	refused := map[protoreflect.FullName]bool{}
	for name := range refusedFields() {
		refused[name] = true
	}
	return refused
}

// byField returns the parts that have an answer by the full names of their fields.
func byField(answer Answer) map[protoreflect.FullName]*Part {
	parts := map[protoreflect.FullName]*Part{}
	for _, p := range fieldParts() {
		if p.Answer != answer || p.Works() {
			continue
		}
		for _, field := range p.fields {
			parts[protoreflect.FullName("headrace.spec.v1."+field)] = p
		}
	}
	return parts
}

// saying goes through a message and finds what it says of parts.
type saying struct {
	parts map[protoreflect.FullName]*Part
	keeps bool // it collects notes, and goes on
	notes []string
}

// message goes through the fields in their order, so that the first error is always the same.
func (s *saying) message(at string, m protoreflect.Message) error {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		if !m.Has(fd) {
			continue
		}
		if err := s.field(at+"."+string(fd.Name()), fd, m.Get(fd)); err != nil {
			return err
		}
	}
	return nil
}

func (s *saying) field(at string, fd protoreflect.FieldDescriptor, value protoreflect.Value) error {
	if p := s.parts[fd.FullName()]; p != nil && p.said(fd, value) {
		return s.found(at, p)
	}
	switch {
	case fd.IsMap():
		return s.entries(at, fd, value.Map())
	case fd.IsList() && fd.Message() != nil:
		return s.elements(at, value.List())
	case !fd.IsList() && fd.Message() != nil:
		return s.message(at, value.Message())
	}
	return nil
}

// found notes a part, once, or makes its error.
func (s *saying) found(at string, p *Part) error {
	if !s.keeps {
		return errs.Field(at, "%s", p.refusal())
	}
	if !slices.Contains(s.notes, p.note()) {
		s.notes = append(s.notes, p.note())
	}
	return nil
}

func (s *saying) elements(at string, list protoreflect.List) error {
	for i := range list.Len() {
		if err := s.message(at+"["+strconv.Itoa(i)+"]", list.Get(i).Message()); err != nil {
			return err
		}
	}
	return nil
}

// entries goes through a map by its keys. Properties and variables are texts of a program, which are read.
func (s *saying) entries(at string, fd protoreflect.FieldDescriptor, entries protoreflect.Map) error {
	all := map[string]protoreflect.Value{}
	entries.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		all[k.String()] = v
		return true
	})
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if fd.MapValue().Message() != nil {
			if err := s.message(at+"["+key+"]", all[key].Message()); err != nil {
				return err
			}
			continue
		}
		if err := s.property(at, fd, key, all[key]); err != nil {
			return err
		}
	}
	return nil
}

// property reads a property of a configuration, or a variable of a PROCESS run's environment.
func (s *saying) property(at string, fd protoreflect.FieldDescriptor, key string, value protoreflect.Value) error {
	if s.keeps || fd.Name() != "properties" && fd.Name() != "environment" {
		return nil
	}
	if problem := Property(key, value.String()); problem != "" {
		return errs.Field(at, "%s", problem)
	}
	return nil
}

// said says whether a field's value asks for the part: false and what is empty do not.
func (p *Part) said(fd protoreflect.FieldDescriptor, value protoreflect.Value) bool {
	switch {
	case fd.IsMap():
		return value.Map().Len() > 0
	case fd.IsList():
		return value.List().Len() > 0
	case fd.Kind() == protoreflect.BoolKind:
		return value.Bool()
	}
	return value.String() != "" && (p.says == nil || p.says(value.String()))
}
