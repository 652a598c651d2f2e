package manifest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/internal/spec"
	"github.com/headrace/headrace/internal/spec/codec"
	"github.com/headrace/headrace/internal/spec/support"
	"github.com/headrace/headrace/internal/upload"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// reader reads one document. It goes on after a problem, so that one run tells all of them.
type reader struct {
	source   string
	root     *codec.Node
	problems []Problem
}

// kind returns the kind that the document says; empty if it says none.
func (r *reader) kind() string {
	for _, m := range r.root.Members {
		if lowerFirst(m.Name) == "kind" && m.Value != nil {
			return m.Value.Text
		}
	}
	return ""
}

func (r *reader) at() position { return position{source: r.source, line: r.root.Line} }

// problem notes what is wrong at a path.
func (r *reader) problem(line int, path, text string) {
	found := codec.Problem{Line: line, Path: path, Text: text}
	r.problems = append(r.problems, Problem{Source: r.source, Problem: found})
}

// below notes problems below a member of the document.
func (r *reader) below(member string, problems []codec.Problem) {
	for _, p := range problems {
		r.problem(p.Line, strings.TrimSuffix(member+"."+p.Path, "."), p.Text)
	}
}

// application reads the document of an application.
func (r *reader) application() *ApplicationDocument {
	d := &ApplicationDocument{Spec: &specv1.Application{}, position: r.at()}
	r.members(map[string]func(*codec.Node){
		"kind": func(*codec.Node) {},
		"name": r.text("name", &d.Name),
		"spec": r.spec(d.Spec),
	})
	r.named(d.Name)
	if len(r.problems) == 0 { // else what is missing may be what was not read
		said := spec.DefaultApplication(d.whole())
		r.check(d.Spec, supported(said, spec.ValidateApplication(said)))
	}
	return d
}

// jobRun reads the document of a job run.
func (r *reader) jobRun() *JobRunDocument {
	d := &JobRunDocument{Spec: &specv1.JobRun{}, position: r.at()}
	r.members(map[string]func(*codec.Node){
		"kind":        func(*codec.Node) {},
		"name":        r.text("name", &d.Name),
		"application": r.text("application", &d.Application),
		"clientToken": r.text("clientToken", &d.ClientToken),
		"spec":        r.spec(d.Spec),
	})
	r.named(d.Name)
	if d.Application == "" && !r.told("application") {
		r.problem(r.root.LineOf("application"), "application",
			"cannot be empty: give the id or the name of the application")
	}
	if d.ClientToken != "" && !ident.ValidToken(d.ClientToken) {
		text := fmt.Sprintf("%.80q is not %s", d.ClientToken, ident.TokenRule)
		r.problem(r.root.LineOf("clientToken"), "clientToken", text)
	}
	if len(r.problems) == 0 {
		said := spec.DefaultJobRun(d.whole())
		r.check(d.Spec, cmp.Or(supported(said, spec.ValidateJobRun(said)), notLocal(said)))
	}
	return d
}

// members reads the members of the document, each in its own way.
func (r *reader) members(read map[string]func(*codec.Node)) {
	seen := map[string]bool{}
	for _, m := range r.root.Members {
		name := lowerFirst(m.Name)
		switch {
		case read[name] == nil:
			r.problem(m.Line, "", codec.Unknown("field", m.Name, slices.Collect(maps.Keys(read))))
		case seen[name]:
			r.problem(m.Line, name, "cannot be given twice")
		default:
			read[name](m.Value)
		}
		seen[name] = true
	}
}

// text reads a member that is a text.
func (r *reader) text(member string, into *string) func(*codec.Node) {
	return func(n *codec.Node) {
		text, problems := codec.File.Text(n)
		*into = text
		r.below(member, problems)
	}
}

// spec reads the member that says what the thing is to be. Its name is not there.
func (r *reader) spec(into proto.Message) func(*codec.Node) {
	return func(n *codec.Node) {
		r.below("spec", codec.File.Decode(n, into))
		for _, m := range n.Members {
			if lowerFirst(m.Name) == "name" {
				r.problem(m.Line, "spec.name", "cannot be given here: give it as name beside spec")
			}
		}
	}
}

// named holds that the document has a name.
func (r *reader) named(name string) {
	if name == "" && !r.told("name") {
		r.problem(r.root.LineOf("name"), "name", "cannot be empty: documents are known by their names")
	}
}

// sorted returns the problems in the order of the file.
func (r *reader) sorted() []Problem {
	slices.SortStableFunc(r.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return r.problems
}

// told says whether there is a problem at a path.
func (r *reader) told(path string) bool {
	return slices.ContainsFunc(r.problems, func(p Problem) bool { return p.Path == path })
}

// supported returns what is wrong with what was said; if nothing is, what of it no cluster acts on and so refuses.
func supported(said proto.Message, wrong error) error {
	if wrong != nil {
		return wrong
	}
	return support.Check(said)
}

// notLocal holds that no program of a job run is a file of the machine at which apply is called.
func notLocal(said *specv1.JobRun) error {
	process := said.GetDriver().GetProcess()
	const uri = "where nodes find it, such as s3://BUCKET/FILE or file:///PATH"
	const onNodes = "an absolute path on the nodes, or a name that is in their PATH"
	for _, program := range []struct{ field, name, instead string }{
		{"spec.driver.spark_submit.entry_point", said.GetDriver().GetSparkSubmit().GetEntryPoint(), uri},
		{"spec.driver.process.command", first(process.GetCommand()), onNodes},
		{"spec.driver.process.task_command", first(process.GetTaskCommand()), onNodes},
	} {
		if upload.IsLocal(program.name) {
			return errs.Field(program.field,
				"cannot be %.200q, a file of this machine: apply uploads nothing. Write %s; or upload it with "+
					"`headrace job-run start APPLICATION`",
				program.name, program.instead)
		}
	}
	return nil
}

// first returns the first word of a command; empty: it has none.
func first(command []string) string {
	if len(command) == 0 {
		return ""
	}
	return command[0]
}

// check notes what package spec says is wrong, in the names and the line of the file.
func (r *reader) check(m proto.Message, err error) {
	if err == nil {
		return
	}
	path := "spec"
	text := err.Error()
	var wrong *errs.Error
	if errors.As(err, &wrong) {
		path, text = named(m, wrong)
	}
	r.problem(r.root.LineOf(path), path, text)
}

func lowerFirst(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToLower(name[:1]) + name[1:]
}
