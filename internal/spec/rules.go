package spec

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// validator checks the rules that stand in the protos. It is made once, when first it is needed: it reads all
// descriptors.
var validator = sync.OnceValue(func() protovalidate.Validator {
	made, err := protovalidate.New(
		protovalidate.WithMessages(&specv1.Application{}, &specv1.JobRun{}),
		protovalidate.WithDisableLazy(),
	)
	if err != nil {
		panic("spec: there is no validator: " + err.Error())
	}
	return made
})

// firstOnly ends a check at the first violation: a hostile message has millions.
var firstOnly = protovalidate.WithFailFast()

// rulesOf returns the rules that stand at a field; nil: none.
func rulesOf(field protoreflect.FieldDescriptor) *validate.FieldRules {
	rules, err := protovalidate.ResolveFieldRules(field)
	if err != nil {
		panic("spec: " + string(field.FullName()) + " has rules that cannot be read: " + err.Error())
	}
	return rules
}

// violation is a rule that is broken, and the way there from the message that was checked.
type violation struct {
	*protovalidate.Violation
	where []*validate.FieldPathElement
}

// checkRules holds a spec to the rules of its protos. Fields are checked in their order, the entries of a map in that
// of their keys.
func checkRules(m proto.Message) error {
	all, err := violationsOf(validator().Validate(m, firstOnly))
	if len(all) == 0 || err != nil {
		return err
	}
	first := all[0]
	if i := slices.IndexFunc(first.where, isEntry); i >= 0 {
		if first, err = leastEntry(m.ProtoReflect(), first.where[:i], first.where[i].GetFieldName()); err != nil {
			return err
		}
	}
	broken, at := first.broken(m.ProtoReflect().Descriptor())
	return errs.Field(at, "%s", broken.words())
}

// violationsOf returns the violations that an error of protovalidate is about. Another error is a mistake in the
// protos.
func violationsOf(err error) (all []violation, _ error) {
	if err == nil {
		return nil, nil
	}
	var invalid *protovalidate.ValidationError
	if !errors.As(err, &invalid) {
		return nil, errs.New(errs.Internal, "cannot check what was said: %w", err)
	}
	for _, v := range invalid.Violations {
		all = append(all, violation{v, v.Proto.GetField().GetElements()})
	}
	return all, nil
}

// isEntry says whether a part of a way is an entry of a map.
func isEntry(part *validate.FieldPathElement) bool { return part.HasStringKey() }

// leastEntry returns the violation of the least key of a map, which is a field at the end of a way: which of them is
// found first is chance. The map has passed the rule of how many entries it may have, so its violations are few.
func leastEntry(m protoreflect.Message, way []*validate.FieldPathElement, name string) (least violation, _ error) {
	for _, part := range way {
		m = partOf(m, part)
	}
	only := onlyField{m.Descriptor().Fields().ByName(protoreflect.Name(name))}
	all, err := violationsOf(validator().Validate(m.Interface(), protovalidate.WithFilter(only)))
	if err != nil {
		return least, err
	}
	least = slices.MinFunc(all, func(a, b violation) int {
		return strings.Compare(a.where[0].GetStringKey(), b.where[0].GetStringKey())
	})
	least.where = slices.Concat(way, least.where)
	return least, nil
}

// partOf returns the message of a part of a path, which stands in m.
func partOf(m protoreflect.Message, part *validate.FieldPathElement) protoreflect.Message {
	value := m.Get(m.Descriptor().Fields().ByName(protoreflect.Name(part.GetFieldName())))
	if part.HasIndex() {
		return value.List().Get(int(part.GetIndex())).Message()
	}
	return value.Message()
}

// onlyField has one field of its message checked, and all that is below it.
type onlyField struct{ field protoreflect.FieldDescriptor }

// ShouldValidate says whether something is to be checked.
func (f onlyField) ShouldValidate(m protoreflect.Message, is protoreflect.Descriptor) bool {
	return is == f.field || m.Descriptor() != f.field.Parent()
}

// broken says which rule was broken, and where in a message of this kind.
func (v violation) broken(m protoreflect.MessageDescriptor) (b broken, at string) {
	b = broken{rule: v.Proto.GetRuleId(), value: v.FieldValue, otherwise: v.Proto.GetMessage()}
	at = root
	for _, part := range v.where {
		field := m.Fields().ByName(protoreflect.Name(part.GetFieldName()))
		if field == nil {
			break // a oneof, which is told as its message
		}
		b.field = field
		b.rules = rulesOf(field)
		b.part = ofField
		at += "." + part.GetFieldName()
		switch {
		case part.HasIndex():
			b.rules = b.rules.GetRepeated().GetItems()
			b.part = ofElement
			m = field.Message()
			at += indexed(int(part.GetIndex()))
		case isEntry(part):
			b.rules = b.rules.GetMap().GetValues()
			b.part = ofValue
			b.key = part.GetStringKey()
			m = field.MapValue().Message()
			at += keyed(b.key)
		default:
			m = field.Message()
		}
	}
	if v.Proto.GetForKey() {
		b.rules = rulesOf(b.field).GetMap().GetKeys()
		b.part = ofKey
	}
	return b, at
}
