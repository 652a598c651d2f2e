package manifest

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/spec"
	"github.com/headrace/headrace/internal/spec/codec/codectest"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// reread writes documents and reads them again.
func reread(t *testing.T, documents ...Document) *Set {
	t.Helper()
	text, err := Write(documents...)
	if err != nil {
		t.Fatal(err)
	}
	set := &Set{}
	if problems := set.Read("written.yaml", text); len(problems) > 0 {
		t.Fatalf("%v in\n%s", problems, text)
	}
	return set
}

func same(t *testing.T, got, want proto.Message) {
	t.Helper()
	if !proto.Equal(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
}

// Whatever an application may be comes back from its file, and into the requests that create and change it.
func TestApplication_EveryFieldComesBack(t *testing.T) {
	for _, said := range codectest.Applications() {
		codectest.Taken(said)
		for _, a := range []*controlv1.Application{{Spec: said}, {Spec: spec.DefaultApplication(said)}} {
			d := reread(t, ApplicationOf(a)).Applications[0]
			same(t, d.Create().GetSpec(), a.GetSpec())
			if changes := d.Compare(a.GetSpec()); len(changes) > 0 {
				t.Errorf("changes %v", changes)
			}
			bare := spec.DefaultApplication(nil)
			bare.SetEngine(said.GetEngine())
			bare.SetName(said.GetName())
			update := d.Update("a", bare, d.Compare(bare))
			changed, err := spec.Replace(bare, update.GetSpec(), update.GetUpdateMask().GetPaths())
			if err != nil {
				t.Fatal(err)
			}
			changed.SetTags(said.GetTags()) // with requests of their own
			same(t, changed, spec.DefaultApplication(said))
		}
	}
}

// Whatever a job run may be comes back from its file, and into the request that starts it.
func TestJobRun_EveryFieldComesBack(t *testing.T) {
	for _, said := range codectest.JobRuns() {
		codectest.Taken(said)
		for _, r := range []*controlv1.JobRun{{Spec: said}, {Spec: spec.DefaultJobRun(said)}} {
			r.ApplicationId = "01app"
			d := reread(t, JobRunOf(r)).JobRuns[0]
			request := d.Start("01app")
			delete(request.GetSpec().GetTags(), MarkTag)
			same(t, request.GetSpec(), r.GetSpec())
			if d.Application != "01app" || request.GetClientToken() != d.Token("01app") {
				t.Errorf("%+v", d)
			}
		}
	}
}

func TestJobRunOf_IsAnotherRunOfTheSameKind(t *testing.T) {
	said := codectest.Taken(codectest.JobRuns()[0])
	said.ClearName()
	said.GetTags()[MarkTag] = "apply-1/2"
	said.GetDriver().GetSparkSubmit().SetSparkSubmitParameters("--conf spark.my.token=hunter2")
	d := JobRunOf(&controlv1.JobRun{JobRunId: "01run", ApplicationId: "01app", Spec: said})
	again := reread(t, d).JobRuns[0]
	if again.Name != "01run" || again.ClientToken != "" || again.Spec.GetTags()[MarkTag] != "" {
		t.Errorf("%+v", again)
	}
	const path = "jobDriver.sparkSubmit.sparkSubmitParameters"
	if missing := again.Missing(); len(missing) != 1 || missing[0] != path {
		t.Errorf("missing %v, want %s", missing, path)
	}
	if said.GetTags()[MarkTag] == "" {
		t.Error("the run itself was changed")
	}
}
