package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
)

// Set is what files hold.
type Set struct {
	Applications []*ApplicationDocument
	JobRuns      []*JobRunDocument

	nodes int // values that were decoded
}

// Read adds the documents of a source, which may hold several between lines of three dashes, and returns what is wrong with them.
func (s *Set) Read(source string, content []byte) []Problem {
	var problems []Problem
	all := yaml.NewDecoder(bytes.NewReader(content))
	for range mostDocuments {
		var n yaml.Node
		err := all.Decode(&n)
		if errors.Is(err, io.EOF) {
			return problems
		}
		if err != nil {
			return append(problems, Problem{Source: source, Text: "cannot be read as YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")})
		}
		if len(n.Content) == 1 && n.Content[0].Tag != "!!null" {
			problems = append(problems, s.document(source, n.Content[0])...)
		}
	}
	return append(problems, Problem{Source: source, Text: fmt.Sprintf("cannot have more than %d documents", mostDocuments)})
}

// document adds one document.
func (s *Set) document(source string, n *yaml.Node) []Problem {
	d := newDecoder(source)
	d.nodes = s.nodes
	defer func() { s.nodes = d.nodes }()
	at := place{source, n.Line}
	switch kind := kindOf(n); kind {
	case KindApplication:
		a := &ApplicationDocument{at: at}
		d.value(n, reflect.ValueOf(a).Elem(), "", 0)
		d.finish(n, a.Name, a.Spec.check())
		s.Applications = append(s.Applications, a)
	case KindJobRun:
		r := &JobRunDocument{at: at}
		d.value(n, reflect.ValueOf(r).Elem(), "", 0)
		wrong := r.Spec.check()
		if r.Application == "" {
			d.problem(n, "application", "cannot be empty: give the id or the name of the application")
		}
		d.finish(n, r.Name, wrong)
		s.JobRuns = append(s.JobRuns, r)
	case "":
		d.problem(n, "kind", "cannot be missing: Application or JobRun")
	default:
		d.problem(n, "kind", "%s", unknown("kind", kind, []string{KindApplication, KindJobRun}))
	}
	return d.problems
}

// finish adds what a check found, unless the document could not be decoded: then it may be a consequence.
func (d *decoder) finish(n *yaml.Node, name string, wrong map[string]string) {
	if len(d.problems) > 0 {
		return
	}
	if name == "" {
		d.problem(n, "name", "cannot be empty: documents are known by their names")
	}
	for _, path := range sortedKeys(wrong) {
		path := "spec." + path
		d.problems = append(d.problems, Problem{Source: d.source, Line: d.line(n, path), Path: path, Text: wrong[path[len("spec."):]]})
	}
}

// line returns where a path stands; what is missing stands where it should be.
func (d *decoder) line(n *yaml.Node, path string) int {
	for ; path != ""; path = path[:max(strings.LastIndexAny(path, ".["), 0)] {
		if line, found := d.lines[path]; found {
			return line
		}
	}
	return n.Line
}

// kindOf returns the kind that a document says; empty if it says none.
func kindOf(n *yaml.Node) string {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if lowerFirst(n.Content[i].Value) == "kind" {
			return n.Content[i+1].Value
		}
	}
	return ""
}

// Twice returns the documents that stand for the same thing as an earlier one.
func (s *Set) Twice() []Problem {
	var problems []Problem
	seen := map[string]string{}
	note := func(key, what string, at place) {
		if first, twice := seen[key]; twice {
			problems = append(problems, Problem{Source: at.source, Line: at.line, Text: "cannot be applied: " + what + " is at " + first + " already"})
			return
		}
		seen[key] = at.String()
	}
	for _, a := range s.Applications {
		note("application\x00"+a.Name, "application "+a.Name, a.at)
	}
	for _, r := range s.JobRuns {
		note("run\x00"+r.Application+"\x00"+r.Token(r.Application), "job run "+r.Name+" with the same content", r.at)
	}
	return problems
}
