package manifest

import (
	"errors"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec/codec"
)

// Refusal returns an error about a request that says spec in the names of files, such as spec.maximumCapacity.cpu for
// spec.maximum_capacity.milli_cpu. Other errors stay as they are.
func Refusal(spec proto.Message, err error) error {
	var wrong *errs.Error
	if !errors.As(err, &wrong) || wrong.Field == "" {
		return err
	}
	field, text := named(spec, wrong)
	return &errs.Error{
		Kind:    wrong.Kind,
		Field:   field,
		Message: text,
		Cause:   err,
	}
}

// named returns the path and the text of an error in the names of files.
func named(spec proto.Message, wrong *errs.Error) (path, text string) {
	md := spec.ProtoReflect().Descriptor()
	path = codec.File.Path(md, wrong.Field)
	text = codec.Words(md, wrong.Message)
	if path == "spec.name" { // in a document it stands beside spec
		path = "name"
	}
	return path, text
}
