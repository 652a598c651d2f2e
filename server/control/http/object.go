package http

import (
	"maps"
	"slices"
	"strconv"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/internal/spec/codec"
)

// object is an answer in the making: its members in order.
type object struct{ members []codec.Member }

func (o *object) node() *codec.Node { return &codec.Node{Kind: codec.Object, Members: o.members} }

// add adds a member.
func (o *object) add(name string, value *codec.Node) {
	o.members = append(o.members, codec.Member{Name: name, Value: value})
}

// text adds a text, also an empty one.
func (o *object) text(name, value string) { o.add(name, &codec.Node{Kind: codec.Text, Text: value}) }

// some adds a text that may not be there.
func (o *object) some(name, value string) {
	if value != "" {
		o.text(name, value)
	}
}

func (o *object) number(name string, value int64) {
	o.add(name, &codec.Node{Kind: codec.Number, Text: strconv.FormatInt(value, 10)})
}

func (o *object) fraction(name string, value float64) {
	o.add(name, &codec.Node{Kind: codec.Number, Text: strconv.FormatFloat(value, 'g', -1, 64)})
}

// time adds a time in seconds since 1970; a time that has not come is left out.
func (o *object) time(name string, at *timestamppb.Timestamp) {
	if at != nil {
		o.add(name, codec.API.Encode(at))
	}
}

func (o *object) list(name string, elements []*codec.Node) {
	o.add(name, &codec.Node{Kind: codec.List, Elements: elements})
}

// texts adds texts by their keys; none are an empty object.
func (o *object) texts(name string, values map[string]string) {
	var texts object
	for _, key := range slices.Sorted(maps.Keys(values)) {
		texts.text(key, values[key])
	}
	o.add(name, texts.node())
}

// take adds members of another object, but for some.
func (o *object) take(from *codec.Node, except ...string) {
	for _, member := range from.Members {
		if !slices.Contains(except, member.Name) {
			o.members = append(o.members, member)
		}
	}
}
