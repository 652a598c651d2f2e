package http_test

import (
	"context"
	"crypto/rand"
	"errors"
	nethttp "net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/spec"
	"github.com/headrace/headrace/internal/spec/codec"
	"github.com/headrace/headrace/internal/spec/codec/codectest"
	"github.com/headrace/headrace/internal/spec/support"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/control/http"
)

// fields are the fields that a test found in answers.
type fields map[protoreflect.FullName]bool

// find notes the fields that a message has, and those below it.
func (f fields) find(m protoreflect.Message) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		f[fd.FullName()] = true
		switch {
		case fd.IsMap() && fd.MapValue().Message() != nil:
			v.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
				f.find(v.Message())
				return true
			})
		case fd.IsList() && fd.Message() != nil:
			for i := range v.List().Len() {
				f.find(v.List().Get(i).Message())
			}
		case !fd.IsMap() && !fd.IsList() && fd.Message() != nil:
			f.find(v.Message())
		}
		return true
	})
}

// each calls do for all fields of a message and of those below it, once.
func each(md protoreflect.MessageDescriptor, done fields, do func(protoreflect.FullName)) {
	if md == nil || done[md.FullName()] {
		return
	}
	done[md.FullName()] = true
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		do(fd.FullName())
		if fd.IsMap() {
			fd = fd.MapValue()
		}
		each(fd.Message(), done, do)
	}
}

// everyField says something over HTTP and finds it again: in the answers over HTTP, and in those of the native API.
type everyField struct {
	t                    *testing.T
	ask                  func(method, path, body string) answer
	applications         controlv1.ApplicationServiceClient
	runs                 controlv1.JobRunServiceClient
	foundHTTP, foundHere fields
}

func (e *everyField) is(found fields, what string, got, want proto.Message) {
	e.t.Helper()
	found.find(got.ProtoReflect())
	if !proto.Equal(got, want) {
		e.t.Errorf("%s: got\n%v\nwant\n%v", what, got, want)
	}
}

// body writes a request: a spec, and a client token that nobody has.
func body(m proto.Message) string {
	node := codec.API.Encode(m)
	node.Members = append(node.Members, codec.Member{
		Name:  "clientToken",
		Value: &codec.Node{Kind: codec.Text, Text: rand.Text()},
	})
	return string(node.AppendJSON(nil))
}

// said reads from an answer what users said. The original writes two things in answers otherwise than in requests.
func (e *everyField) said(a answer, member string, into proto.Message) proto.Message {
	e.t.Helper()
	node, err := codec.ReadJSON([]byte(a.body))
	must(e.t, err)
	node = node.Get(member)
	for i, m := range node.Members {
		switch m.Name {
		case "type":
			m.Value.Text = strings.ToUpper(m.Value.Text) // it is Spark in answers
		case "executionRole":
			node.Members[i].Name = "executionRoleArn"
		}
	}
	must(e.t, codec.Error(codec.API.Decode(node, into)))
	return into
}

// application creates an application, over HTTP unless the original has no such one, and finds it again.
func (e *everyField) application(a, want *specv1.Application) {
	e.t.Helper()
	if a.GetEngine() == specv1.Engine_ENGINE_PROCESS {
		e.isApplication(e.create(a), want)
		return
	}
	e.isApplication(e.ask("POST", "/applications", body(a)).text("applicationId"), want)
}

// create creates an application over the native API.
func (e *everyField) create(a *specv1.Application) (id string) {
	e.t.Helper()
	made, err := e.applications.CreateApplication(e.t.Context(), &controlv1.CreateApplicationRequest{Spec: a})
	must(e.t, err)
	return made.GetApplication().GetApplicationId()
}

// bare is an application that has nothing but its engine.
func bare(engine specv1.Engine) *specv1.Application {
	a := specv1.Application_builder{Engine: &engine}
	if engine != specv1.Engine_ENGINE_PROCESS {
		a.ReleaseLabel = new("emr-7.2.0")
	}
	return a.Build()
}

// update replaces in a bare application all that an update over HTTP may replace, and finds it again.
func (e *everyField) update(a *specv1.Application, defaults func(*specv1.Application) *specv1.Application) {
	e.t.Helper()
	var replaced []string
	a.ProtoReflect().Range(func(fd protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		if name := string(fd.Name()); !slices.Contains([]string{"name", "engine", "tags"}, name) {
			replaced = append(replaced, name)
		}
		return true
	})
	before := bare(a.GetEngine())
	want, err := spec.Replace(defaults(before), a, replaced)
	must(e.t, err)
	id := e.create(before)
	e.ask("PATCH", "/applications/"+id, body(a))
	e.isApplication(id, want)
}

func (e *everyField) isApplication(id string, want *specv1.Application) {
	e.t.Helper()
	shown := e.said(e.ask("GET", "/applications/"+id, ""), "application", &specv1.Application{})
	e.is(e.foundHTTP, "over HTTP", shown, want)
	got, err := e.applications.GetApplication(e.t.Context(), &controlv1.GetApplicationRequest{ApplicationId: id})
	must(e.t, err)
	e.is(e.foundHere, "natively", got.GetApplication().GetSpec(), want)
}

// run starts a run, over HTTP unless the original has no such one, and finds it again.
func (e *everyField) run(application string, r, want *specv1.JobRun) {
	e.t.Helper()
	id := e.start(application, r)
	shown := e.said(e.ask("GET", "/applications/"+application+"/jobruns/"+id, ""), "jobRun", &specv1.JobRun{})
	e.is(e.foundHTTP, "over HTTP", shown, want)
	ask := &controlv1.GetJobRunRequest{ApplicationId: application, JobRunId: id}
	got, err := e.runs.GetJobRun(e.t.Context(), ask)
	must(e.t, err)
	e.is(e.foundHere, "natively", got.GetJobRun().GetSpec(), want)
}

func (e *everyField) start(application string, r *specv1.JobRun) (id string) {
	e.t.Helper()
	if !r.GetDriver().HasProcess() {
		return e.ask("POST", "/applications/"+application+"/jobruns", body(r)).text("jobRunId")
	}
	ask := &controlv1.StartJobRunRequest{ApplicationId: application, Spec: r}
	made, err := e.runs.StartJobRun(e.t.Context(), ask)
	must(e.t, err)
	return made.GetJobRun().GetJobRunId()
}

// complete holds that every field was found everywhere, but for some.
func (e *everyField) complete(but ...protoreflect.FullName) {
	e.t.Helper()
	done, left := fields{}, fields{}
	for _, name := range but {
		left[name] = true
	}
	for _, m := range []proto.Message{&specv1.Application{}, &specv1.JobRun{}} {
		each(m.ProtoReflect().Descriptor(), done, func(name protoreflect.FullName) {
			if found := e.foundHTTP[name] && e.foundHere[name]; found == left[name] {
				e.t.Errorf("%s: found over HTTP %v, natively %v", name, e.foundHTTP[name], e.foundHere[name])
			}
		})
	}
}

// echo is a native API that has one application and one run, which are as they were said last.
type echo struct {
	application *specv1.Application
	run         *specv1.JobRun
}

func (e *echo) Invoke(_ context.Context, _ string, request, answer any, _ ...grpc.CallOption) error {
	switch r := request.(type) {
	case *controlv1.CreateApplicationRequest:
		e.application = r.GetSpec()
		answer.(*controlv1.CreateApplicationResponse).Application = &controlv1.Application{ApplicationId: "a"}
	case *controlv1.UpdateApplicationRequest:
		after, err := spec.Replace(e.application, r.GetSpec(), r.GetUpdateMask().GetPaths())
		e.application = after
		return err
	case *controlv1.GetApplicationRequest:
		answer.(*controlv1.GetApplicationResponse).Application = &controlv1.Application{Spec: e.application}
	case *controlv1.StartJobRunRequest:
		e.run = r.GetSpec()
		answer.(*controlv1.StartJobRunResponse).JobRun = &controlv1.JobRun{JobRunId: "r"}
	case *controlv1.GetJobRunRequest:
		answer.(*controlv1.GetJobRunResponse).JobRun = &controlv1.JobRun{Spec: e.run}
	}
	return nil
}

func (*echo) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errors.New("no streams")
}

// Whatever users can say of an application or a run passes through the HTTP API, and comes back as it was said.
func TestHandler_LosesNoField(t *testing.T) {
	native := &echo{}
	handler := http.New(http.Config{API: native})
	e := &everyField{
		t: t,
		ask: func(method, path, body string) answer {
			t.Helper()
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
			if w.Code != nethttp.StatusOK {
				t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
			}
			return answer{body: w.Body.String()}
		},
		applications: controlv1.NewApplicationServiceClient(native),
		runs:         controlv1.NewJobRunServiceClient(native),
		foundHTTP:    fields{},
		foundHere:    fields{},
	}
	for _, a := range codectest.Applications() {
		e.application(a, a)
		e.update(a, func(a *specv1.Application) *specv1.Application { return a })
	}
	for _, r := range codectest.JobRuns() {
		e.run("a", r, r)
	}
	e.complete()
}

// classifications are the ones that every cluster has, by engine.
var classifications = map[specv1.Engine][]string{
	specv1.Engine_ENGINE_SPARK: {"spark-defaults", "core-site"},
	specv1.Engine_ENGINE_HIVE:  {"hive-site", "core-site"},
}

// taken returns settings of an engine as a cluster takes them: of its own classifications, and without nested ones.
func taken(engine specv1.Engine, all []*specv1.Configuration) []*specv1.Configuration {
	names := classifications[engine]
	if len(names) == 0 {
		return nil
	}
	for i, c := range all {
		c.SetClassification(names[i])
		c.SetConfigurations(nil)
	}
	return all
}

// roomy raises a limit so that the initial capacity of any of the applications is below it.
func roomy(limit *specv1.MaximumCapacity) {
	const times = 100
	limit.SetMilliCpu(times * limit.GetMilliCpu())
	limit.SetMemoryMib(times * limit.GetMemoryMib())
	limit.SetDiskMib(times * limit.GetDiskMib())
}

// The same for a cluster, which says natively what it was told over HTTP, with every default.
func TestAPI_LosesNoField(t *testing.T) {
	s := serve(t, 1)
	client, _ := s.native()
	e := &everyField{
		t:            t,
		ask:          s.ok,
		applications: client,
		runs:         client,
		foundHTTP:    fields{},
		foundHere:    fields{},
	}
	for _, a := range codectest.Applications() {
		codectest.Taken(a)
		a.SetRuntimeConfiguration(taken(a.GetEngine(), a.GetRuntimeConfiguration()))
		roomy(a.GetMaximumCapacity())
		if a.GetEngine() == specv1.Engine_ENGINE_PROCESS {
			a.ClearReleaseLabel()
			a.ClearInteractive() // no engine but SPARK has it
		}
		e.application(a, spec.DefaultApplication(a))
		if a.GetEngine() != specv1.Engine_ENGINE_PROCESS {
			e.update(a, spec.DefaultApplication)
		}
	}
	for _, r := range codectest.JobRuns() {
		engine := specv1.Engine_ENGINE_SPARK
		switch {
		case r.GetDriver().HasHive():
			continue // a cluster refuses it after it was checked
		case r.GetDriver().HasProcess():
			engine = specv1.Engine_ENGINE_PROCESS
		}
		own := codectest.Taken(r).GetConfigurationOverrides()
		own.SetApplicationConfiguration(taken(engine, own.GetApplicationConfiguration()))
		e.run(e.create(bare(engine)), r, spec.DefaultJobRun(r))
	}
	const pkg = "headrace.spec.v1."
	e.complete(append(
		refusedTexts(),
		// What has nothing left without what is refused.
		pkg+"Application.network",
		pkg+"Application.image",
		pkg+"Application.worker_type_specifications",
		pkg+"WorkerTypeSpecification.image",
		pkg+"Application.disk_encryption",
		pkg+"ConfigurationOverrides.disk_encryption",
		pkg+"JobRun.execution_policy",
		// What no cluster runs yet.
		pkg+"Configuration.configurations",
		pkg+"JobDriver.hive",
		pkg+"Hive.query",
		pkg+"Hive.init_query_file",
		pkg+"Hive.parameters",
	)...)
}

// refusedTexts are the fields that a cluster refuses, but for switches, which may be off.
func refusedTexts() (names []protoreflect.FullName) {
	for name := range support.RefusedFields() {
		switch name.Name() {
		case "enabled", "user_background_sessions_enabled":
		default:
			names = append(names, name)
		}
	}
	return names
}
