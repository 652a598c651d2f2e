package cli

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/mask"
	"github.com/headrace/headrace/internal/spec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// hiddenFromUs is a cluster whose application and job run are ann's, seen by somebody else.
func hiddenFromUs(t *testing.T) *applied {
	a := newApplied(t)
	said := spec.DefaultApplication(specv1.Application_builder{
		Name:         new("reports"),
		Engine:       specv1.Engine_ENGINE_SPARK.Enum(),
		ReleaseLabel: new("emr-7.1.0"),
		RuntimeConfiguration: []*specv1.Configuration{
			classified("spark-defaults", map[string]string{"spark.app.key": mask.Text}),
		},
	}.Build())
	a.cluster.Applications = []*controlv1.Application{
		{ApplicationId: "01app", Spec: said, State: "CREATED", CreatedBy: "ann", Redacted: true},
	}
	run := specv1.JobRun_builder{Name: new("count"), Driver: sparkDriver(mask.Text, "", mask.Text)}.Build()
	a.cluster.JobRuns = []*controlv1.JobRun{
		{JobRunId: "01run", ApplicationId: "01app", Spec: run, State: "RUNNING", CreatedBy: "ann", Redacted: true},
	}
	return a
}

// What is hidden from somebody is not compared, written to a file or sent on: the mask is no value.
func TestHidden_IsNeverTakenForAValue(t *testing.T) {
	whole := file(t, `kind: Application
name: reports
spec:
  type: SPARK
  releaseLabel: emr-7.1.0
  runtimeConfiguration:
    - classification: spark-defaults
      properties: {spark.app.key: mine}
`)
	for _, args := range [][]string{
		{"apply", "-f", whole, "--yes"},
		{"apply", "-f", whole, "--diff"},
		{"apply", "-f", whole, "--dry-run"},
		{"export", "reports"},
		{"export", "--all"},
		{"application", "clone", "01app", "--name", "mine"},
		{"job-run", "clone", "01app", "01run"},
		{"application", "get", "01app", "-o", "yaml"},
		{"job-run", "get", "01app", "01run", "-o", "yaml"},
	} {
		a := hiddenFromUs(t)
		ran := a.refuses([]string{"hidden from you", "ann ", "operators"}, args...)
		if !errs.Is(ran.failed, errs.Forbidden) {
			t.Errorf("%v: %v has kind %v", args, ran.failed, errs.KindOf(ran.failed))
		}
		if strings.Contains(ran.out.String(), mask.Text) {
			t.Errorf("%v wrote\n%s", args, ran.out.String())
		}
		a.wrote(0, "")
	}
}

// What is hidden is said to be, with those who may read it.
func TestHidden_IsSaidToBe(t *testing.T) {
	a := hiddenFromUs(t)
	for _, args := range [][]string{{"application", "get", "01app"}, {"job-run", "get", "01app", "01run"}} {
		if out := a.must(args...).out.String(); !strings.Contains(out, "Hidden") || !strings.Contains(out, "ann ") {
			t.Errorf("%v wrote\n%s", args, out)
		}
	}
}

// What nobody hid is used as ever.
func TestHidden_IsNothingForItsOwner(t *testing.T) {
	a := hiddenFromUs(t)
	for _, m := range []proto.Message{a.cluster.Applications[0], a.cluster.JobRuns[0]} {
		m.ProtoReflect().Clear(m.ProtoReflect().Descriptor().Fields().ByName("redacted"))
	}
	a.must("export", "reports")
	a.must("application", "clone", "01app", "--name", "mine")
	a.must("job-run", "clone", "01app", "01run")
	a.must("application", "get", "01app", "-o", "yaml")
	a.must("job-run", "get", "01app", "01run", "-o", "yaml")
}
