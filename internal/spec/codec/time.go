package codec

import (
	"strconv"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// timeName is the message that is written as a time.
const timeName = protoreflect.FullName("google.protobuf.Timestamp")

// maxSeconds is the year 9999.
const maxSeconds = 253402300799

// time reads a time: in API as seconds since 1970, in files as people write it.
func (d *decoder) time(n *Node, m protoreflect.Message) {
	if d.dialect == File {
		if d.is(n, Text, "", aSingleValue) {
			at, err := time.Parse(time.RFC3339Nano, n.Text)
			d.setTime(n, m, at, err == nil)
		}
		return
	}
	if d.is(n, Number, "a number of seconds since 1970", "") {
		seconds, err := strconv.ParseFloat(n.Text, 64)
		d.setTime(n, m, time.UnixMilli(int64(seconds*1000+0.5)), err == nil && seconds >= 0 && seconds <= maxSeconds)
	}
}

func (d *decoder) setTime(n *Node, m protoreflect.Message, at time.Time, valid bool) {
	if !valid {
		example := d.dialect.time(timestamppb.New(time.Unix(1795305600, 0))).Text
		d.problem(n.Line, "cannot be %.60q: give a time such as %s", n.Text, example)
		return
	}
	from := timestamppb.New(at).ProtoReflect()
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		m.Set(fields.Get(i), from.Get(from.Descriptor().Fields().ByNumber(fields.Get(i).Number())))
	}
}

// time writes a time.
func (d Dialect) time(t *timestamppb.Timestamp) *Node {
	if d == File {
		return &Node{Kind: Text, Text: t.AsTime().UTC().Format(time.RFC3339Nano)}
	}
	seconds := float64(t.AsTime().UnixMilli()) / 1000
	return &Node{Kind: Number, Text: strconv.FormatFloat(seconds, 'f', -1, 64)}
}

// timeOf returns the time that a message is.
func timeOf(m protoreflect.Message) *timestamppb.Timestamp {
	fields := m.Descriptor().Fields()
	return &timestamppb.Timestamp{
		Seconds: m.Get(fields.ByName("seconds")).Int(),
		Nanos:   int32(m.Get(fields.ByName("nanos")).Int()),
	}
}
