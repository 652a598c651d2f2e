package control

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/mask"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

const secret = "hunter2"

// secretRun is a submission with something private in every place that a PROCESS run has.
func secretRun(application string) *controlv1.StartJobRunRequest {
	r := processRun(application)
	p := r.GetSpec().GetDriver().GetProcess()
	p.SetCommand([]string{"work", "--key", secret})
	p.SetTaskCommand([]string{"task", secret})
	p.SetEnvironment(map[string]string{"KEY": secret})
	r.GetSpec().SetConfigurationOverrides(specv1.ConfigurationOverrides_builder{Monitoring: secretDestination()}.Build())
	return r
}

// secretDestination is a destination of logs whose name nobody else is to know.
func secretDestination() *specv1.Monitoring {
	return specv1.Monitoring_builder{
		S3: specv1.S3Monitoring_builder{LogUri: new("s3://" + secret + "/logs")}.Build(),
	}.Build()
}

// private is a cluster on which ann has submitted a run that failed with a secret among its last words.
type private struct {
	*service
	application, run, worker string
	asked                    atomic.Int32 // how often the node was asked how it started a worker
}

func servePrivate(t *testing.T) *private {
	t.Helper()
	p := &private{service: serve(t)}
	p.leads()
	node := p.agent("n1", func(*agentv1.DataResponse) *agentv1.DataRequest {
		p.asked.Add(1)
		return launched(
			&agentv1.WorkerLaunch{Command: []string{"work", secret}, Environment: map[string]string{"KEY": secret}},
		)
	})
	ann := as(t.Context(), "ann")
	spec := specv1.Application_builder{
		Engine:     specv1.Engine_ENGINE_PROCESS.Enum(),
		Monitoring: secretDestination(),
	}.Build()
	created, err := p.CreateApplication(ann, &controlv1.CreateApplicationRequest{Spec: spec})
	must(t, err)
	p.application = created.GetApplication().GetApplicationId()
	started, err := p.StartJobRun(ann, secretRun(p.application))
	must(t, err)
	p.run = started.GetJobRun().GetJobRunId()
	worker := p.service.run(p.run, node)
	p.worker = worker.ID
	p.do((&command.ReportWorkers{Node: node, Statuses: []command.WorkerStatus{{
		WorkerID: worker.ID, Epoch: worker.Epoch,
		Exit: &state.Exit{Reason: state.ExitExited, Code: 1, Message: "ValueError: " + secret},
	}}}).Decide)
	return p
}

// answers are all answers about ann's run and application that show something of them.
func (p *private) answers(ctx context.Context) map[string]func() (proto.Message, error) {
	return map[string]func() (proto.Message, error){
		"GetJobRun": func() (proto.Message, error) {
			return p.GetJobRun(ctx, &controlv1.GetJobRunRequest{ApplicationId: p.application, JobRunId: p.run})
		},
		"ListJobRuns": func() (proto.Message, error) {
			return p.ListJobRuns(ctx, &controlv1.ListJobRunsRequest{ApplicationId: p.application})
		},
		"ListJobRunAttempts": func() (proto.Message, error) {
			return p.ListJobRunAttempts(
				ctx,
				&controlv1.ListJobRunAttemptsRequest{ApplicationId: p.application, JobRunId: p.run},
			)
		},
		"ListWorkers": func() (proto.Message, error) {
			return p.ListWorkers(ctx, &controlv1.ListWorkersRequest{ApplicationId: p.application, JobRunId: p.run})
		},
		"GetWorker": func() (proto.Message, error) {
			return p.GetWorker(ctx, &controlv1.GetWorkerRequest{WorkerId: p.worker})
		},
		"ExplainJobRun": func() (proto.Message, error) {
			return p.ExplainJobRun(ctx, &controlv1.ExplainJobRunRequest{ApplicationId: p.application, JobRunId: p.run})
		},
		"CancelJobRun": func() (proto.Message, error) {
			return p.CancelJobRun(ctx, &controlv1.CancelJobRunRequest{ApplicationId: p.application, JobRunId: p.run})
		},
		"GetApplication": func() (proto.Message, error) {
			return p.GetApplication(ctx, &controlv1.GetApplicationRequest{ApplicationId: p.application})
		},
		"ListApplications": func() (proto.Message, error) {
			return p.ListApplications(ctx, &controlv1.ListApplicationsRequest{})
		},
		"StartApplication": func() (proto.Message, error) {
			return p.StartApplication(ctx, &controlv1.StartApplicationRequest{ApplicationId: p.application})
		},
	}
}

// What is private in any answer is for its submitter and operators; the others see that there is something.
func TestPrivate_IsForTheSubmitterAndOperators(t *testing.T) {
	p := servePrivate(t)
	run, application := p.door.View().JobRun(p.run), p.door.View().Application(p.application)
	submitted, decided := proto.CloneOf(run.Spec), proto.CloneOf(application.Spec)
	for who, may := range map[string]bool{"ann": true, "bob": false, "": true} {
		ctx := t.Context() // the cluster's own user
		if who != "" {
			ctx = as(ctx, who)
		}
		for name, ask := range p.answers(ctx) {
			answer, err := ask()
			must(t, err)
			text, err := protojson.Marshal(answer)
			must(t, err)
			if strings.Contains(string(text), secret) != may || strings.Contains(string(text), mask.Text) == may {
				t.Errorf("%s to %q: %s", name, who, text)
			}
		}
	}
	wantSame(t, "the run's row", run.Spec, submitted)
	wantSame(t, "the application's row", application.Spec, decided)
}

// A node is not even asked how it started a worker of somebody else.
func TestPrivate_LeavesNoNode(t *testing.T) {
	p := servePrivate(t)
	answer, err := p.GetWorker(as(t.Context(), "bob"), &controlv1.GetWorkerRequest{WorkerId: p.worker})
	must(t, err)
	if p.asked.Load() != 0 || answer.GetLaunch() != nil ||
		!strings.Contains(answer.GetLaunchUnknown(), "ann submitted it") ||
		answer.GetWorker().GetState() != "ENDED" {
		t.Errorf("asked %d times: %v", p.asked.Load(), answer)
	}
}

// Logs and the pages that show the environment are private as a whole. A link is not: whoever has it may look.
func TestPrivate_LogsAndPages(t *testing.T) {
	p := servePrivate(t)
	read := func(user string) (begun bool, err error) {
		ctx, cancel := context.WithCancel(as(t.Context(), user))
		defer cancel()
		stream, err := p.ReadLog(
			ctx,
			&controlv1.ReadLogRequest{ApplicationId: p.application, JobRunId: p.run, Stream: "stdout"},
		)
		must(t, err)
		header, err := stream.Header()
		if len(header.Get(logAttemptKey)) > 0 {
			return true, err
		}
		_, err = stream.Recv()
		return false, err
	}
	if begun, err := read("ann"); !begun {
		t.Errorf("ann: %v", err)
	}
	begun, err := read("bob")
	wantError(t, err, errs.Forbidden, "", "cannot read the logs of job run "+p.run+" as bob", "ann submitted it")
	if begun {
		t.Error("the log begins for bob")
	}
	_, err = p.GetJobRunUI(
		as(t.Context(), "bob"),
		&controlv1.GetJobRunUIRequest{ApplicationId: p.application, JobRunId: p.run},
	)
	wantError(t, err, errs.Forbidden, "", "Spark UI of job run "+p.run)
}

// What somebody was not shown does not come back as a value.
func TestPrivate_IsNotWrittenBackMasked(t *testing.T) {
	p := servePrivate(t)
	bob := as(t.Context(), "bob")
	seen, err := p.GetJobRun(bob, &controlv1.GetJobRunRequest{ApplicationId: p.application, JobRunId: p.run})
	must(t, err)
	_, err = p.StartJobRun(
		bob,
		&controlv1.StartJobRunRequest{ApplicationId: p.application, Spec: seen.GetJobRun().GetSpec()},
	)
	known := &errs.Error{}
	if !errors.As(grpcerr.FromStatus(err), &known) || known.Kind != errs.Invalid ||
		!strings.HasPrefix(known.Field, "spec.") ||
		!strings.Contains(known.Message, mask.Text) {
		t.Errorf("a run like one that was hidden: %v", err)
	}
	app, err := p.GetApplication(bob, &controlv1.GetApplicationRequest{ApplicationId: p.application})
	must(t, err)
	_, err = p.UpdateApplication(bob, updateOf(p.application, app.GetApplication().GetSpec(), "monitoring"))
	wantError(t, err, errs.Invalid, "spec.monitoring.s3.log_uri", mask.Text)
	if got := p.door.View().Application(p.application).Spec.GetMonitoring().GetS3().GetLogUri(); !strings.Contains(
		got,
		secret,
	) {
		t.Errorf("the value became %q", got)
	}
}
