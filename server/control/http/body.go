package http

import (
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec/codec"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// body is what a request says.
type body struct{ *codec.Node }

// read reads the request's body and holds that these texts are there, which the native API does not need.
func (c *call) read(required ...string) (body, error) {
	said, err := codec.ReadJSON(c.body)
	if err != nil {
		return body{}, err
	}
	if err := codec.Error(codec.API.Decode(said, &emptypb.Empty{})); err != nil {
		return body{}, err // it is no object
	}
	for _, name := range required {
		if _, err := (body{said}).text(name); err != nil {
			return body{}, err
		}
	}
	return body{said}, nil
}

// text returns a text that has to be there.
func (b body) text(name string) (string, error) {
	switch value := b.Get(name); {
	case value == nil || value.Kind == codec.Null:
		return "", missing(name)
	case value.Kind != codec.Text:
		return "", errs.Field(name, "a JSON value of another type is given, and a string is needed")
	case value.Text == "":
		return "", errs.Field(name, "it is empty; write something, or leave it out")
	default:
		return value.Text, nil
	}
}

func missing(name string) error { return errs.Field(name, "it is missing, and has to be there") }

// into reads what a request says of an application or a job run.
func (b body) into(spec proto.Message) error {
	return codec.Error(codec.API.Decode(b.Node, spec))
}

// given returns which fields of an application a request says something of, but for those that no update changes: the
// original knows no such members there, and members that are not known are left out.
func (b body) given(spec *specv1.Application) []string {
	names := codec.API.Given(b.Node, spec.ProtoReflect().Descriptor())
	return slices.DeleteFunc(names, func(name string) bool {
		return slices.Contains([]string{"name", "engine", "tags"}, name)
	})
}
