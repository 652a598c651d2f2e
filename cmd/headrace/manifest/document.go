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

// The kinds of documents.
const (
	KindApplication = "Application"
	KindJobRun      = "JobRun"
)

// The bounds of one source.
const (
	// MostBytes is the largest file that is read.
	MostBytes     = 4 << 20
	mostDocuments = 1000
)

// ApplicationDocument is an application in a file. It is known by its name.
type ApplicationDocument struct {
	Kind string      `yaml:"kind"`
	Name string      `yaml:"name"`
	Spec Application `yaml:"spec"`

	at place
}

// JobRunDocument is a job run in a file.
type JobRunDocument struct {
	Kind string `yaml:"kind"`
	Name string `yaml:"name"`
	// Application is the id or the name of the application that it belongs to.
	Application string `yaml:"application"`
	// ClientToken says which run it is; empty: its name and content do. See Token.
	ClientToken string `yaml:"clientToken,omitempty"`
	Spec        JobRun `yaml:"spec"`

	at place
}

// place is where a document begins.
type place struct {
	source string
	line   int
}

// Where says where the document stands, as file:line.
func (p place) String() string { return fmt.Sprintf("%s:%d", p.source, p.line) }

// Where returns where the document begins, as file:line.
func (d *ApplicationDocument) Where() string { return d.at.String() }

// Where returns where the document begins, as file:line.
func (d *JobRunDocument) Where() string { return d.at.String() }

// Token returns the client token with which the run is submitted to an application: the given one, or one of its name and content.
func (d *JobRunDocument) Token(application string) string {
	if d.ClientToken != "" {
		return d.ClientToken
	}
	return "apply-" + d.Spec.digest(application, d.Name)
}

// MarkTag is the tag by which a run that was applied is found again, after the cluster has forgotten its client token too.
const MarkTag = "headrace.apply"

// Mark returns the value of MarkTag: the token, and the content after a slash.
func (d *JobRunDocument) Mark(application string) string {
	return d.Token(application) + "/" + d.Spec.digest(application, d.Name)
}

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
