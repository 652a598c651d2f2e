package cli

import (
	"fmt"
	"strings"

	"github.com/headrace/headrace/cmd/headrace/manifest"
	"github.com/headrace/headrace/cmd/headrace/output"
)

// signs are what stands before a step.
var signs = map[string]manifest.Op{
	actCreate:  manifest.Add,
	actStart:   manifest.Add,
	actUpdate:  manifest.Alter,
	actRestart: manifest.Alter,
	actNone:    "=",
}

// write shows the plan for people: a line for each step, and below it a line for each value that changes.
func (p *plan) write(s *shared) error {
	for _, step := range p.steps {
		op := signs[step.action]
		if err := paint(s, op, string(op)+" "+step.title()); err != nil {
			return err
		}
		for _, c := range step.changes {
			if err := paint(s, c.Op, "    "+line(c)); err != nil {
				return err
			}
		}
	}
	if p.unchanged() {
		return say(s, "nothing to change\n")
	}
	return nil
}

// title names the thing, and what is done about it.
func (s *step) title() string {
	thing := "application "
	if s.kind == manifest.KindJobRun {
		thing = "job run "
	}
	text := thing + s.name
	if s.id != "" {
		text += " (" + s.id + ")"
	}
	text += ": " + s.does()
	if s.note != "" {
		text += ", " + s.note
	}
	return text
}

func (s *step) does() string {
	switch {
	case s.action == actRestart:
		return "stop, update and start again"
	case s.action == actNone && s.kind == manifest.KindJobRun:
		return "unchanged, was started before and is " + s.state
	case s.action == actNone:
		return "unchanged, is " + s.state
	}
	return s.action
}

// line shows one value.
func line(c manifest.Change) string {
	text := string(c.Op) + " " + c.Path + ": "
	switch c.Op {
	case manifest.Add:
		return text + below(c.New)
	case manifest.Remove:
		return text + below(c.Old)
	}
	if c.Old == c.New {
		return text + c.Old + " → another value"
	}
	return text + below(c.Old) + " → " + below(c.New)
}

// below keeps a value of several lines together.
func below(value string) string {
	return strings.ReplaceAll(strings.TrimRight(value, "\n"), "\n", "\n        ")
}

// paint writes a line, in colours on a terminal.
func paint(s *shared, op manifest.Op, text string) error {
	colours := map[manifest.Op]string{manifest.Add: "32", manifest.Remove: "31", manifest.Alter: "33"}
	if !s.Colour || colours[op] == "" {
		return say(s, "%s\n", text)
	}
	return output.Paint(s.Out, colours[op], text)
}

// question asks whether the plan is to be done.
func (p *plan) question() string {
	counts := map[string]int{}
	for _, s := range p.steps {
		counts[s.action]++
	}
	var parts []string
	for _, c := range []struct{ action, text string }{
		{actCreate, "create %d"}, {actUpdate, "update %d"}, {actRestart, "restart %d"}, {actStart, "start %d job runs"},
	} {
		if n := counts[c.action]; n > 0 {
			parts = append(parts, fmt.Sprintf(c.text, n))
		}
	}
	text := strings.Join(parts, ", ")
	return strings.ToUpper(text[:1]) + text[1:] + "?"
}

// stepJSON and changeJSON are a step as JSON has it.
type stepJSON struct {
	Kind    string       `json:"kind"`
	Name    string       `json:"name"`
	ID      string       `json:"id"`
	Action  string       `json:"action"`
	State   string       `json:"state"`
	Changes []changeJSON `json:"changes"`
}

type changeJSON struct {
	Op   manifest.Op `json:"op"`
	Path string      `json:"path"`
	Old  string      `json:"old"`
	New  string      `json:"new"`
}

// writeJSON writes the steps, and whether they were done.
func (p *plan) writeJSON(s *shared, applied bool) error {
	all := struct {
		Applied bool       `json:"applied"`
		Steps   []stepJSON `json:"steps"`
	}{Applied: applied, Steps: []stepJSON{}}
	for _, step := range p.steps {
		j := stepJSON{
			Kind:    step.kind,
			Name:    step.name,
			ID:      step.id,
			Action:  step.action,
			State:   step.state,
			Changes: []changeJSON{},
		}
		for _, c := range step.changes {
			j.Changes = append(j.Changes, changeJSON{
				Op:   c.Op,
				Path: c.Path,
				Old:  c.Old,
				New:  c.New,
			})
		}
		all.Steps = append(all.Steps, j)
	}
	return output.JSONValue(s.Out, all)
}
