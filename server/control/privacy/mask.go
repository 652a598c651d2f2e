package privacy

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/mask"
)

// Masked returns where the mask stands in a request, such as spec.driver.spark_submit.entry_point_arguments[0]; empty:
// nowhere.
func Masked(request proto.Message) (field string) { return masked(request.ProtoReflect(), "") }

func masked(m protoreflect.Message, at string) (found string) {
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		found = maskedField(field, value, at+string(field.Name()))
		return found == ""
	})
	return found
}

func maskedField(field protoreflect.FieldDescriptor, value protoreflect.Value, at string) (found string) {
	switch {
	case field.IsMap():
		value.Map().Range(func(name protoreflect.MapKey, v protoreflect.Value) bool {
			found = maskedValue(field.MapValue(), v, at)
			if strings.Contains(name.String(), mask.Text) {
				found = at
			}
			return found == ""
		})
		return found
	case field.IsList():
		for i := range value.List().Len() {
			if found = maskedValue(field, value.List().Get(i), fmt.Sprintf("%s[%d]", at, i)); found != "" {
				return found
			}
		}
		return ""
	}
	return maskedValue(field, value, at)
}

func maskedValue(field protoreflect.FieldDescriptor, value protoreflect.Value, at string) string {
	switch field.Kind() {
	case protoreflect.MessageKind:
		return masked(value.Message(), at+".")
	case protoreflect.StringKind:
		if strings.Contains(value.String(), mask.Text) {
			return at
		}
	}
	return ""
}
