package codec

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Decode sets in a message what a tree says, and returns what is wrong with the tree, in its order, up to 100 problems.
// The keys of maps in the message have to be texts.
func (d Dialect) Decode(n *Node, into proto.Message) []Problem {
	to := &decoder{dialect: d}
	if !to.absent(n) {
		to.message(n, into.ProtoReflect())
	}
	return to.problems
}

// Given returns the fields of a message that a tree gives a value, by their names in the proto, as a mask of fields
// names them. Of a name that is there twice the last one holds, as in Decode.
func (d Dialect) Given(n *Node, md protoreflect.MessageDescriptor) []string {
	var names []string
	if n == nil {
		return nil
	}
	given := map[string]bool{}
	for _, m := range n.Members {
		fd := d.field(md, m.Name)
		if fd == nil {
			continue
		}
		name := string(fd.Name())
		if _, again := given[name]; !again {
			names = append(names, name)
		}
		given[name] = m.Value != nil && m.Value.Kind != Null
	}
	return slices.DeleteFunc(names, func(name string) bool { return !given[name] })
}

// Text returns a text that belongs to no message, such as the name of a document, and what is wrong with it, without a
// path.
func (d Dialect) Text(n *Node) (string, []Problem) {
	to := &decoder{dialect: d}
	if to.absent(n) || !to.is(n, Text, "a string", aSingleValue) {
		return "", to.problems
	}
	return n.Text, nil
}

// capitalised is the message of which the original's guide writes the members with capitals, too.
var capitalised = (&specv1.Configuration{}).ProtoReflect().Descriptor().FullName()

// field returns the field of a name; nil if there is none.
func (d Dialect) field(md protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	if d == File || md.FullName() == capitalised {
		name = lowerFirst(name)
	}
	return md.Fields().ByJSONName(name)
}

// decoder makes a message of a tree.
type decoder struct {
	dialect  Dialect
	route    route
	problems []Problem
}

// problem notes what is wrong where the decoder is, unless enough is wrong already.
func (d *decoder) problem(line int, format string, args ...any) {
	if len(d.problems) == maxProblems {
		return
	}
	d.problems = append(d.problems, Problem{
		Line: line,
		Path: d.route.in(d.dialect),
		Text: fmt.Sprintf(format, args...),
	})
}

// at does something one segment further down.
func (d *decoder) at(s segment, do func()) {
	d.route = append(d.route, s)
	do()
	d.route = d.route[:len(d.route)-1]
}

// absent says whether a node is no value. Only people are told so.
func (d *decoder) absent(n *Node) bool {
	if n != nil && n.Kind != Null {
		return false
	}
	if d.dialect == File {
		d.problem(lineOf(n), "cannot be without a value: give one, or leave the line out")
	}
	return true
}

func lineOf(n *Node) int {
	if n == nil {
		return 0
	}
	return n.Line
}

// message fills a message.
func (d *decoder) message(n *Node, m protoreflect.Message) {
	md := m.Descriptor()
	switch bare := bareField(md); {
	case bare != nil:
		d.list(n, m, bare)
	case md.FullName() == timeName:
		d.time(n, m)
	case d.is(n, Object, "an object", "give names with values"):
		d.members(n, m)
	}
}

// value sets a field.
func (d *decoder) value(n *Node, m protoreflect.Message, fd protoreflect.FieldDescriptor) {
	if d.absent(n) {
		return
	}
	switch {
	case fd.IsMap():
		d.dictionary(n, m.Mutable(fd).Map(), fd)
	case fd.IsList():
		d.list(n, m, fd)
	case fd.Message() != nil:
		d.message(n, m.Mutable(fd).Message())
	case d.empty(n, fd):
	default:
		if value, ok := d.scalar(n, fd); ok {
			m.Set(fd, value)
		}
	}
}

// empty says whether a field has an empty text, which is no value: in API that is wrong.
func (d *decoder) empty(n *Node, fd protoreflect.FieldDescriptor) bool {
	if n.Kind != Text || n.Text != "" || !writtenAsText(fd) {
		return false
	}
	if d.dialect == API {
		d.problem(n.Line, "it is empty; write something, or leave it out")
		return true
	}
	return fd.Kind() == protoreflect.StringKind || fd.Kind() == protoreflect.EnumKind
}
