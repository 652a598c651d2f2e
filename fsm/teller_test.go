package fsm_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

// began is when every story begins.
var began = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// teller decides the commands of a story and applies what follows, as a cluster of one would.
type teller struct {
	t       testing.TB
	machine *fsm.Machine
	now     time.Time
	ids     counter
	limits  command.Limits
	records []*eventv1.Record
}

// decision is a command of package command.
type decision interface {
	Decide(view *state.View, meta command.Meta) ([]*eventv1.Event, error)
}

func newTeller(t testing.TB) *teller {
	return &teller{t: t, machine: fsm.New(), now: began, limits: command.DefaultLimits()}
}

// counter makes readable ids; a name that was given beforehand comes first.
type counter struct {
	n    int
	next string
}

// NewID returns the given name, or a number with a w in front.
func (c *counter) NewID() string {
	if id := c.next; id != "" {
		c.next = ""
		return id
	}
	c.n++
	return fmt.Sprintf("w%03d", c.n)
}

// do runs one line of a story and returns its outcome.
func (s *teller) do(line string) []string {
	verb, args := parse(line)
	switch verb {
	case "wait":
		d, err := time.ParseDuration(args.first())
		s.must(err)
		s.now = s.now.Add(d)
		return nil
	case "quota":
		s.limits.AccountCPU = args.number("cpu", 0) * 1000
		return nil
	case "steps":
		s.limits.StepBytes = int(args.number("bytes", 0))
		return nil
	case "approval":
		s.limits.ApproveNodes = args.first() == "manual"
		return nil
	case "repeat-record":
		return s.repeat()
	case "fact":
		return s.outcome([]*eventv1.Event{s.fact(args)}, nil)
	}
	d := s.decision(verb, args)
	meta := command.Meta{Now: s.now, Term: 1, IDs: &s.ids, Limits: s.limits, LogVersion: 2}
	return s.outcome(d.Decide(s.machine.View(), meta))
}

func (s *teller) must(err error) {
	if err != nil {
		s.t.Fatal(err)
	}
}

// outcome applies what was decided, and says it.
func (s *teller) outcome(events []*eventv1.Event, err error) []string {
	s.ids.next = ""
	if err != nil {
		return []string{fmt.Sprintf("refused, %s: %v", errs.KindOf(err), err)}
	}
	if len(events) == 0 {
		return []string{"nothing changes"}
	}
	before := s.machine.View()
	s.apply(&eventv1.Record{
		Sequence:     before.Sequence + 1,
		TimeUnixNano: state.Nano(s.now),
		Term:         1,
		Version:      1,
		Events:       events,
	})
	var lines []string
	for _, event := range events {
		lines = append(lines, describeEvent(event))
	}
	return append(lines, changes(before, s.machine.View())...)
}

// apply takes a record in two ways, event by event with all invariants checked after each, and whole from its encoded
// form as a follower does; both must give the same state.
func (s *teller) apply(record *eventv1.Record) {
	s.t.Helper()
	step := s.machine.View()
	for i, event := range record.GetEvents() {
		step = fsm.ApplyEvents(step,
			&eventv1.Record{
				Sequence:     record.GetSequence(),
				TimeUnixNano: record.GetTimeUnixNano(),
				Events:       []*eventv1.Event{event},
			})
		if err := step.Check(); err != nil {
			s.t.Fatalf("after event %d, %s: %v", i+1, describeEvent(event), err)
		}
	}
	if !s.machine.Apply(encoded(s.t, record)) {
		s.t.Fatalf("record %d is void", record.GetSequence())
	}
	s.records = append(s.records, record)
}

// repeat hands the last record in again, whose number is no longer the next one.
func (s *teller) repeat() []string {
	before := dump(s.t, s.machine.View())
	if s.machine.Apply(s.records[len(s.records)-1]) || dump(s.t, s.machine.View()) != before {
		s.t.Fatal("a record that was applied already was not void")
	}
	return []string{"void"}
}

func encoded(t testing.TB, record *eventv1.Record) *eventv1.Record {
	t.Helper()
	data, err := proto.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	decoded := &eventv1.Record{}
	if err := proto.Unmarshal(data, decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

func dump(t testing.TB, view *state.View) string {
	t.Helper()
	var b bytes.Buffer
	if err := view.Dump(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
