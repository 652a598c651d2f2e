package http

import (
	"regexp"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/spec/codec"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// renamed says what this API calls a field of a native request that is not in its spec.
var renamed = map[string]string{
	"created_after":  "createdAtAfter",
	"created_before": "createdAtBefore",
	"grace_seconds":  "shutdownGracePeriodInSeconds",
}

var (
	applicationSpec = (&specv1.Application{}).ProtoReflect().Descriptor()
	jobRunSpec      = (&specv1.JobRun{}).ProtoReflect().Descriptor()
)

// field returns this API's name of a native field.
func field(op *operation, native string) string {
	if here, is := renamed[native]; is {
		return here
	}
	if native != "spec" && !strings.HasPrefix(native, "spec.") {
		return camel(native)
	}
	if here := codec.API.Path(specOf(op), native); here != "" {
		return here
	}
	return "request" // all of it
}

// nativeName matches what may be a native name in a message; what stands in quotes is a user's.
var nativeName = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|spec(?:\.[a-z][a-z0-9_]*)+|[a-z]+(?:_[a-z]+)+`)

// inOurWords returns a message of the native API in which fields have this API's names.
func inOurWords(op *operation, message string) string {
	message = nativeName.ReplaceAllStringFunc(message, func(word string) string {
		if here, is := renamed[word]; is {
			return here
		}
		if here := codec.API.Path(specOf(op), word); strings.HasPrefix(word, "spec.") && here != "" {
			return here
		}
		return word
	})
	return codec.Words(specOf(op), message)
}

// specOf is what an operation's request is about.
func specOf(op *operation) protoreflect.MessageDescriptor {
	if op.name == "StartJobRun" {
		return jobRunSpec
	}
	return applicationSpec
}

var underscore = regexp.MustCompile(`_([a-z])`)

// camel writes a name of the protos as JSON does.
func camel(name string) string {
	return underscore.ReplaceAllStringFunc(name, func(m string) string { return strings.ToUpper(m[1:]) })
}
