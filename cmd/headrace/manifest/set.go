package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/headrace/headrace/internal/spec/codec"
)

// Set is what files hold.
type Set struct {
	Applications []*ApplicationDocument
	JobRuns      []*JobRunDocument

	yaml codec.YAML
}

// Read adds the documents of a source and returns what is wrong with them. Lines of three dashes separate documents.
func (s *Set) Read(source string, content []byte) []Problem {
	if root, wrong, is := s.yaml.JSON(content); is {
		return s.document(source, root, wrong)
	}
	var problems []Problem
	all := yaml.NewDecoder(bytes.NewReader(content))
	for range maxDocuments {
		var n yaml.Node
		err := all.Decode(&n)
		if errors.Is(err, io.EOF) {
			return problems
		}
		if err != nil {
			text := "cannot be read as YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")
			return append(problems, ofSource(source, text))
		}
		root, wrong := s.yaml.Read(&n)
		problems = append(problems, s.document(source, root, wrong)...)
	}
	return append(problems, ofSource(source, fmt.Sprintf("cannot have more than %d documents", maxDocuments)))
}

func ofSource(source, text string) Problem {
	return Problem{Source: source, Problem: codec.Problem{Text: text}}
}

// document adds one document, unless it says nothing.
func (s *Set) document(source string, root *codec.Node, problems []codec.Problem) []Problem {
	r := &reader{source: source, root: root}
	for _, p := range problems {
		r.problem(p.Line, p.Path, p.Text)
	}
	if root == nil || root.Kind == codec.Null || len(problems) > 0 {
		return r.problems
	}
	switch kind := r.kind(); kind {
	case KindApplication:
		s.Applications = append(s.Applications, r.application())
	case KindJobRun:
		s.JobRuns = append(s.JobRuns, r.jobRun())
	case "":
		r.problem(root.Line, "kind", "cannot be missing: Application or JobRun")
	default:
		r.problem(root.Line, "kind", codec.Unknown("kind", kind, []string{KindApplication, KindJobRun}))
	}
	return r.sorted()
}

// Twice returns a problem for every document that describes the same application or job run as an earlier one.
func (s *Set) Twice() []Problem {
	var problems []Problem
	seen := map[string]string{}
	note := func(key, what string, at position) {
		if first, twice := seen[key]; twice {
			text := "cannot be applied: " + what + " is at " + first + " already"
			problems = append(problems, Problem{Source: at.source, Problem: codec.Problem{Line: at.line, Text: text}})
			return
		}
		seen[key] = at.Where()
	}
	for _, a := range s.Applications {
		note("application\x00"+a.Name, "application "+a.Name, a.position)
	}
	for _, r := range s.JobRuns {
		key := "run\x00" + r.Application + "\x00" + r.Token(r.Application)
		note(key, "job run "+r.Name+" with the same content", r.position)
	}
	return problems
}
