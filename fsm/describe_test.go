package fsm_test

import (
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/fsm/wire"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// describeEvent writes an event on a line, its fields in the order of their numbers.
func describeEvent(event *eventv1.Event) string {
	m := event.ProtoReflect()
	field := m.WhichOneof(m.Descriptor().Oneofs().ByName("fact"))
	return describeMessage(m.Get(field).Message())
}

func describeMessage(m protoreflect.Message) string {
	switch of := m.Interface().(type) {
	case *eventv1.Resources:
		return wire.VectorOf(of).String()
	case *eventv1.Content:
		return describeContent(of)
	}
	parts := []string{string(m.Descriptor().Name())}
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		if field := fields.Get(i); m.Has(field) {
			parts = append(parts, fmt.Sprintf("%s=%s", field.Name(), describeValue(field, m.Get(field))))
		}
	}
	return strings.Join(parts, " ")
}

// describeContent says what a content is. Of a launch nothing more: releases have many settings.
func describeContent(c *eventv1.Content) string {
	if c.GetSettings() == nil {
		return "launch"
	}
	return describeMessage(c.GetSettings().ProtoReflect())
}

func describeValue(field protoreflect.FieldDescriptor, value protoreflect.Value) string {
	switch {
	case field.IsList() && field.Message() != nil:
		var items []string
		for i := range value.List().Len() {
			items = append(items, "("+describeMessage(value.List().Get(i).Message())+")")
		}
		return strings.Join(items, " ")
	case field.IsMap():
		return describeMap(value.Map())
	case field.IsList():
		return describeList(value.List())
	case field.Message() != nil && field.Message().FullName() == "headrace.spec.v1.JobRun":
		return "(what was asked for)"
	case field.Message() != nil:
		return "(" + describeMessage(value.Message()) + ")"
	case field.Enum() != nil:
		return enumName(field.Enum(), value.Enum())
	case strings.HasSuffix(string(field.Name()), "_unix_nano"):
		return show(state.Moment(value.Int()))
	}
	if field.Kind() == protoreflect.BytesKind {
		return fmt.Sprintf("%.8x", value.Bytes())
	}
	return fmt.Sprint(value.Interface())
}

// enumName returns a value's name without the enumeration's own: JOB_RUN_STATE_SUCCESS becomes SUCCESS.
func enumName(enum protoreflect.EnumDescriptor, number protoreflect.EnumNumber) string {
	prefix := strings.TrimSuffix(string(enum.Values().ByNumber(0).Name()), "UNSPECIFIED")
	return strings.TrimPrefix(string(enum.Values().ByNumber(number).Name()), prefix)
}

func describeMap(m protoreflect.Map) string {
	var pairs []string
	m.Range(func(key protoreflect.MapKey, value protoreflect.Value) bool {
		text := ""
		if message, is := value.Interface().(protoreflect.Message); is {
			text = "(" + describeMessage(message) + ")"
		} else {
			text = value.String()
		}
		pairs = append(pairs, key.String()+":"+text)
		return true
	})
	slices.Sort(pairs)
	return fmt.Sprint(pairs)
}

func describeList(list protoreflect.List) string {
	var items []string
	for i := range list.Len() {
		items = append(items, list.Get(i).String())
	}
	return fmt.Sprint(items)
}

// changes writes the rows that differ between two states: a new row with everything that it says, a changed one with
// its changed fields, a removed one by its name.
func changes(before, after *state.View) []string {
	old, names := rows(before)
	now, nowNames := rows(after)
	var lines []string
	for _, name := range nowNames {
		if was, found := old[name]; !found {
			lines = append(lines, "+ "+name+difference(reflect.New(now[name].Type()).Elem(), now[name]))
		} else if d := difference(was, now[name]); d != "" {
			lines = append(lines, "* "+name+d)
		}
	}
	for _, name := range names {
		if _, found := now[name]; !found {
			lines = append(lines, "- "+name)
		}
	}
	return lines
}

func difference(was, is reflect.Value) string {
	var b strings.Builder
	for i := range is.NumField() {
		if is.Type().Field(i).Anonymous {
			b.WriteString(difference(was.Field(i), is.Field(i)))
			continue
		}
		if from, to := show(was.Field(i).Interface()), show(is.Field(i).Interface()); from != to {
			fmt.Fprintf(&b, " %s=%s", is.Type().Field(i).Name, to)
		}
	}
	return b.String()
}

// show writes a value; times count from the story's beginning.
func show(value any) string {
	switch v := value.(type) {
	case time.Time:
		if v.IsZero() {
			return "-"
		}
		return v.Sub(began).String()
	case []time.Time:
		var times []string
		for _, at := range v {
			times = append(times, show(at))
		}
		return fmt.Sprint(times)
	case *specv1.Application: // its event tells the rest
		return "(as decided) tags=" + strings.TrimPrefix(fmt.Sprint(v.GetTags()), "map")
	case *specv1.JobRun:
		return "(what was asked for) tags=" + strings.TrimPrefix(fmt.Sprint(v.GetTags()), "map")
	case proto.Message:
		return describeMessage(v.ProtoReflect())
	case []byte:
		return fmt.Sprintf("%x", v)
	case string:
		return fmt.Sprintf("%q", v)
	case map[string]string:
		return strings.TrimPrefix(fmt.Sprint(v), "map")
	}
	return fmt.Sprintf("%+v", value)
}

// rows collects every row under its name, in order.
func rows(v *state.View) (byName map[string]reflect.Value, names []string) {
	byName = map[string]reflect.Value{}
	add := func(row any, format string, key ...any) {
		name := fmt.Sprintf(format, key...)
		names = append(names, name)
		byName[name] = reflect.ValueOf(row).Elem()
	}
	each(v.Releases(), func(r *state.Release) { add(r, "release %s", r.Label) })
	each(v.Nodes(), func(r *state.Node) { add(r, "node %s", r.ID) })
	each(v.Applications(""), func(r *state.Application) { add(r, "application %s", r.ID) })
	each(v.Contents(), func(r *state.Content) { add(r, "content %.8s", r.Digest) })
	each(v.AllJobRuns(), func(r *state.JobRun) { add(r, "run %s", r.ID) })
	each(v.AllAttempts(), func(r *state.Attempt) { add(r, "attempt %s/%d", r.Run, r.Number) })
	each(v.AllWorkers(), func(r *state.Worker) { add(r, "worker %s", r.ID) })
	each(v.Slots(), func(r *state.Slot) { add(r, "slot %s", r.ID) })
	each(v.Requests(), func(r *state.Request) { add(r, "request %s", r.Key) })
	each(v.AccessKeys(""), func(r *state.AccessKey) { add(r, "access key %s", r.ID) })
	each(v.Segments(""), func(r *state.Segment) { add(r, "segment %.8s", r.Name()) })
	return byName, names
}

func each[R any](seq iter.Seq[R], do func(R)) {
	for row := range seq {
		do(row)
	}
}
