package output

import (
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Hidden stands for a value that looks like a secret.
const Hidden = "(hidden)"

// secretName matches keys whose values are likely to be secrets.
var secretName = regexp.MustCompile(`(?i)secret|passw|token|credential|access[-_.]?key|private[-_.]?key|api[-_.]?key`)

// reference is what the value of a secret begins with if it only names one.
const reference = "EMR.secret@"

// Hide returns a value for people to read: Hidden if its key looks like that of a secret, and the value is no reference
// to one.
func Hide(key, value string) string {
	if value == "" || strings.HasPrefix(value, reference) || !secretName.MatchString(key) {
		return value
	}
	return Hidden
}

// assignment is KEY=VALUE in a line of parameters; the whole of it may be quoted, or its value.
var assignment = regexp.MustCompile(`'[^'=]+=[^']*'|"[^"=]+=[^"]*"|[^\s='"]+=(?:'[^']*'|"[^"]*"|[^\s'"]*)`)

// HideWords hides the values of all KEY=VALUE in a line of parameters.
func HideWords(line string) string {
	return assignment.ReplaceAllStringFunc(line, func(word string) string {
		key, value, _ := strings.Cut(strings.Trim(word, `"'`), "=")
		if Hide(key, strings.Trim(value, `"'`)) != Hidden {
			return word
		}
		return key + "=" + Hidden
	})
}

// HideValue is Hide for a value that may itself be a line of parameters, such as options of Java.
func HideValue(key, value string) string {
	if Hide(key, value) == Hidden {
		return Hidden
	}
	return HideWords(value)
}

// WithoutSecrets returns a copy of a message in which values that look like secrets are hidden: in properties and
// environments by their keys, in parameters by the key of each KEY=VALUE.
func WithoutSecrets[M proto.Message](m M) M {
	safe := proto.CloneOf(m)
	hideIn(safe.ProtoReflect())
	return safe
}

func hideIn(m protoreflect.Message) {
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch name := string(field.Name()); {
		case field.IsMap():
			hideInMap(name, field, value.Map())
		case field.Kind() == protoreflect.MessageKind && field.IsList():
			for i := range value.List().Len() {
				hideIn(value.List().Get(i).Message())
			}
		case field.Kind() == protoreflect.MessageKind:
			hideIn(value.Message())
		case !holdsWords(name):
		case field.IsList():
			for i := range value.List().Len() {
				value.List().Set(i, protoreflect.ValueOfString(HideWords(value.List().Get(i).String())))
			}
		default:
			m.Set(field, protoreflect.ValueOfString(HideWords(value.String())))
		}
		return true
	})
}

// holdsWords says whether a field holds parameters of a program.
func holdsWords(field string) bool {
	return slices.Contains(
		[]string{"spark_submit_parameters", "parameters", "entry_point_arguments", "command", "task_command"}, field)
}

// hideInMap hides values of the maps that hold settings; tags are no secrets.
func hideInMap(name string, field protoreflect.FieldDescriptor, values protoreflect.Map) {
	if field.MapValue().Kind() != protoreflect.StringKind || name != "properties" && name != "environment" {
		return
	}
	values.Range(func(key protoreflect.MapKey, value protoreflect.Value) bool {
		values.Set(key, protoreflect.ValueOfString(HideValue(key.String(), value.String())))
		return true
	})
}
