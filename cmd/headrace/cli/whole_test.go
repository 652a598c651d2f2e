package cli

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/manifest"
	"github.com/headrace/headrace/internal/spec/codec/codectest"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// last returns the last request of a type that arrived.
func last[R proto.Message](a *applied) (found R) {
	a.t.Helper()
	for _, call := range a.server.Calls() {
		if r, is := call.Request.(R); is {
			found = r
		}
	}
	return found
}

// written returns a file with documents.
func written(t *testing.T, documents ...manifest.Document) string {
	t.Helper()
	text, err := manifest.Write(documents...)
	if err != nil {
		t.Fatal(err)
	}
	return file(t, string(text))
}

// Whatever an application can be arrives when its file is applied, comes back as a file, and is in its clone.
func TestApplication_EveryFieldPassesThroughTheCommands(t *testing.T) {
	for i, said := range codectest.Applications() {
		codectest.Taken(said)
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			a := newApplied(t)
			a.must("apply", "-f", written(t, manifest.ApplicationOf(&controlv1.Application{Spec: said})), "--yes")
			same(t, last[*controlv1.CreateApplicationRequest](a).GetSpec(), said)
			kept := proto.CloneOf(a.cluster.Applications[0].GetSpec())

			text := a.must("application", "get", "01app1", "-o", "yaml").out.String()
			if exported := a.must("export", "01app1").out.String(); exported != text {
				t.Errorf("get writes\n%s\nand export writes\n%s", text, exported)
			}
			path := file(t, text)
			a.must("apply", "-f", path, "--diff") // it differs in nothing
			other := newApplied(t)
			other.must("apply", "-f", path, "--yes")
			same(t, last[*controlv1.CreateApplicationRequest](other).GetSpec(), kept)

			a.must("application", "clone", "01app1", "--name", "copy")
			kept.SetName("copy")
			same(t, last[*controlv1.CreateApplicationRequest](a).GetSpec(), kept)
		})
	}
}

// An application that lacks everything becomes like its file, whatever that says.
func TestApply_EveryFieldCanBeAddedAndRemoved(t *testing.T) {
	for i, said := range codectest.Applications() {
		codectest.Taken(said)
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			bare := specv1.Application_builder{
				Name:         new(said.GetName()),
				Engine:       said.GetEngine().Enum(),
				ReleaseLabel: new("emr-7.1.0"),
			}.Build()
			a := newApplied(t)
			files := []string{}
			for _, spec := range []*specv1.Application{bare, said} {
				files = append(files, written(t, manifest.ApplicationOf(&controlv1.Application{Spec: spec})))
			}
			a.must("apply", "-f", files[0], "--yes")
			before := proto.CloneOf(a.cluster.Applications[0].GetSpec())
			a.must("apply", "-f", files[1], "--yes")
			a.must("apply", "-f", files[1], "--diff")
			if proto.Equal(a.cluster.Applications[0].GetSpec(), before) {
				t.Error("nothing was added")
			}
			a.must("apply", "-f", files[0], "--yes")
			after := a.cluster.Applications[0].GetSpec()
			same(t, after, before)
			a.must("apply", "-f", files[0], "--diff")
		})
	}
}

// Whatever a job run can be arrives when its file is applied, comes back as a file, and is in its clone.
func TestJobRun_EveryFieldPassesThroughTheCommands(t *testing.T) {
	for i, said := range codectest.JobRuns() {
		codectest.Taken(said)
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			started := func(a *applied) *specv1.JobRun {
				run := proto.CloneOf(last[*controlv1.StartJobRunRequest](a).GetSpec())
				if run.GetTags()[manifest.MarkTag] == "" {
					t.Error("the run is not marked")
				}
				delete(run.GetTags(), manifest.MarkTag)
				return run
			}
			a := newApplied(t)
			other := newApplied(t)
			for _, cluster := range []*applied{a, other} {
				cluster.must("application", "create", "--name", "tools", "--engine", "process")
			}
			run := &controlv1.JobRun{ApplicationId: "01app1", Spec: said}
			a.must("apply", "-f", written(t, manifest.JobRunOf(run)), "--yes")
			same(t, started(a), said)
			kept := proto.CloneOf(a.cluster.JobRuns[0].GetSpec())
			delete(kept.GetTags(), manifest.MarkTag)

			path := file(t, a.must("job-run", "get", "01app1", "01run1", "-o", "yaml").out.String())
			other.must("apply", "-f", path, "--yes")
			same(t, started(other), kept)
			calls := len(other.server.Calls())
			other.must("apply", "-f", path, "--yes")
			other.wrote(calls, "") // once

			a.must("job-run", "clone", "01app1", "01run1", "--name", "again")
			kept.SetName("again")
			same(t, last[*controlv1.StartJobRunRequest](a).GetSpec(), kept)
		})
	}
}

func TestGetYAML_HidesSecretsAndApplyWantsThemBack(t *testing.T) {
	a := newApplied(t)
	a.must("apply", "-f", reports, "--yes")
	for _, args := range [][]string{{"application", "get", "01app1"}, {"job-run", "get", "01app1", "01run1"}} {
		text := a.must(append(args, "--output", "yaml")...).out.Bytes()
		golden(t, args[0]+"-get.yaml", text)
	}
	calls := len(a.server.Calls())
	a.must("apply", "-f", "testdata/application-get.yaml", "--diff") // what is hidden is what the cluster has
	a.refuses([]string{"hidden", "jobDriver.sparkSubmit.sparkSubmitParameters", "write the value"},
		"apply", "-f", "testdata/job-run-get.yaml", "--yes")
	a.wrote(calls, "")
	a.must("application", "create", "--engine", "process")
	a.refuses([]string{"01app2 has no name"}, "application", "get", "01app2", "-o", "yaml")
}

// Values that look like numbers, switches or YAML itself are the same after export and apply.
func TestExport_HardValuesAreAppliedUnchanged(t *testing.T) {
	a := newApplied(t)
	a.must("apply", "-f", reports, "--yes")
	hard := map[string]string{}
	for i, value := range []string{
		"007", "1e3", "true", "null", "~", "", "yes", "0x1F", "1:30", "2026-03-14", "a: b", "- a", "# a", "a\tb",
		"\ta\nb", "a\n", "\n", " a ",
		"a\r\nb", "😀\n😀", "\x1b[31m", "\u202e", `"a' \`,
	} {
		hard[fmt.Sprintf("spark.%d", i)] = value
	}
	spec := a.cluster.Applications[0].GetSpec()
	spec.SetRuntimeConfiguration([]*specv1.Configuration{classified("spark-defaults", hard)})
	before := proto.CloneOf(spec)
	for _, words := range [][]string{{"export", "01app1"}, {"application", "get", "01app1", "-o", "yaml"}} {
		path := file(t, a.must(words...).out.String())
		calls := len(a.server.Calls())
		a.must("apply", "-f", path, "--diff")
		a.must("apply", "-f", path, "--yes")
		a.wrote(calls, "")
		other := newApplied(t)
		other.must("apply", "-f", path, "--yes")
		same(t, other.cluster.Applications[0].GetSpec(), before)
	}
}
