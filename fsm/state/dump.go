package state

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"reflect"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Dump writes every row of the state as a line of text, always in the same order. Golden tests compare it, and people
// read it: two states with the same dump are the same state. What is zero is left out, and so are Terms, which follow
// from a spec.
func (v *View) Dump(w io.Writer) error {
	d := dumper{w: w}
	d.line("cluster", v.Cluster)
	dumpAll(&d, "application", v.applications.all())
	dumpAll(&d, "run", v.runs.all())
	dumpAll(&d, "attempt", v.attempts.all())
	dumpAll(&d, "worker", v.workers.all())
	dumpAll(&d, "slot", v.slots.all())
	dumpAll(&d, "node", v.nodes.all())
	dumpAll(&d, "release", v.releases.all())
	dumpAll(&d, "request", v.requests.all())
	dumpAll(&d, "access-key", v.accessKeys.all())
	dumpAll(&d, "content", v.contents.all())
	dumpAll(&d, "segment", v.segments.all())
	return d.err
}

// dumper keeps the first error of a dump.
type dumper struct {
	w   io.Writer
	err error
}

func dumpAll[R any](d *dumper, kind string, rows iter.Seq[R]) {
	for row := range rows {
		d.line(kind, row)
	}
}

// line writes a row as JSON, whose keys are sorted.
func (d *dumper) line(kind string, row any) {
	if d.err != nil {
		return
	}
	text, err := json.Marshal(spare(reflect.ValueOf(row)))
	if err == nil {
		_, err = fmt.Fprintf(d.w, "%s %s\n", kind, text)
	}
	d.err = err
}

// spare turns a value into maps and lists without its zero fields.
func spare(v reflect.Value) any {
	if message, is := v.Interface().(proto.Message); is {
		return messageFields(message)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return spare(v.Elem())
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			return at
		}
		fields := map[string]any{}
		for i := range v.NumField() {
			if field := v.Field(i); !field.IsZero() && field.Type() != termsType {
				fields[v.Type().Field(i).Name] = spare(field)
			}
		}
		return fields
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Interface()
		}
		list := make([]any, 0, v.Len())
		for i := range v.Len() {
			list = append(list, spare(v.Index(i)))
		}
		return list
	}
	return v.Interface()
}

var termsType = reflect.TypeFor[Terms]()

// messageFields turns a message into what json.Marshal writes with sorted keys: protobuf's own text varies its blanks.
func messageFields(m proto.Message) (fields any) {
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	if err == nil {
		err = json.Unmarshal(text, &fields)
	}
	if err != nil {
		panic(fmt.Sprintf("a message of the state has no text: %v", err))
	}
	return fields
}
