package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/emrserverless"
	"github.com/aws/aws-sdk-go-v2/service/emrserverless/types"
	"github.com/aws/smithy-go"
	"github.com/headrace/headrace/internal/mask"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

const secret = "hunter2"

// submits creates an application and submits a job run, both with secrets wherever the API takes text.
func submits(t *testing.T, c *emrserverless.Client) (application, run string) {
	t.Helper()
	ctx := testcluster.Within(t)
	settings := []types.Configuration{{
		Classification: aws.String("spark-defaults"),
		Properties:     map[string]string{"spark.app.key": secret},
	}}
	created, err := c.CreateApplication(ctx, &emrserverless.CreateApplicationInput{
		Name:                 aws.String("app"),
		ReleaseLabel:         aws.String("emr-7.2.0"),
		Type:                 aws.String("SPARK"),
		ClientToken:          aws.String("token"),
		RuntimeConfiguration: settings,
	})
	must(t, err)
	started, err := c.StartJobRun(ctx, &emrserverless.StartJobRunInput{
		ApplicationId:          created.ApplicationId,
		ClientToken:            aws.String("token"),
		Name:                   aws.String("nightly"),
		ExecutionRoleArn:       aws.String("arn:aws:iam::123456789012:role/r"),
		ConfigurationOverrides: &types.ConfigurationOverrides{ApplicationConfiguration: settings},
		JobDriver: &types.JobDriverMemberSparkSubmit{Value: types.SparkSubmit{
			EntryPoint:            aws.String("s3://b/" + secret + ".py"),
			EntryPointArguments:   []string{"--key", secret},
			SparkSubmitParameters: aws.String("--conf spark.executorEnv.KEY=" + secret),
		}},
	})
	must(t, err)
	return *created.ApplicationId, *started.JobRunId
}

// asks are all operations whose answers show something of a job run or its application.
func asks(ctx context.Context, c *emrserverless.Client, application, run string) map[string]func() (any, error) {
	return map[string]func() (any, error){
		"GetJobRun": func() (any, error) {
			return c.GetJobRun(ctx, &emrserverless.GetJobRunInput{ApplicationId: &application, JobRunId: &run})
		},
		"ListJobRuns": func() (any, error) {
			return c.ListJobRuns(ctx, &emrserverless.ListJobRunsInput{ApplicationId: &application})
		},
		"ListJobRunAttempts": func() (any, error) {
			return c.ListJobRunAttempts(ctx, &emrserverless.ListJobRunAttemptsInput{ApplicationId: &application, JobRunId: &run})
		},
		"GetApplication": func() (any, error) {
			return c.GetApplication(ctx, &emrserverless.GetApplicationInput{ApplicationId: &application})
		},
		"ListApplications": func() (any, error) { return c.ListApplications(ctx, &emrserverless.ListApplicationsInput{}) },
	}
}

// What is private is for whoever submitted it, through every server; everybody sees that the run is there, its name and
// its state.
func TestSDK_ShowsWhatIsPrivateToItsUser(t *testing.T) {
	t.Parallel()
	s := serve(t, testcluster.Config{})
	ann := s.as("ann")
	bob := s.as("bob")
	application, run := submits(t, ann[0])
	ctx := testcluster.Within(t)
	for i := range ann {
		shown := map[string]int{}
		for user, c := range map[string]*emrserverless.Client{"ann": ann[i], "bob": bob[i]} {
			for name, ask := range asks(ctx, c, application, run) {
				answer, err := ask()
				must(t, err)
				text, err := json.Marshal(answer)
				must(t, err)
				shown[user] += strings.Count(string(text), secret)
				if user == "ann" && strings.Contains(string(text), mask.Text) {
					t.Errorf("%s to ann: %s", name, text)
				}
			}
		}
		if shown["bob"] > 0 || shown["ann"] < 5 {
			t.Errorf("server %d showed the secret so often: %v", i, shown)
		}
		got, err := bob[i].GetJobRun(ctx, &emrserverless.GetJobRunInput{ApplicationId: &application, JobRunId: &run})
		must(t, err)
		submit := got.JobRun.JobDriver.(*types.JobDriverMemberSparkSubmit).Value
		if *got.JobRun.Name != "nightly" || got.JobRun.State == "" || *submit.EntryPoint != mask.Text ||
			!strings.HasSuffix(*got.JobRun.CreatedBy, "user/ann") {
			t.Errorf("bob sees the run as %s, %s, %v by %s", *got.JobRun.Name, got.JobRun.State, submit, *got.JobRun.CreatedBy)
		}
	}
}

// The Spark UI shows the environment; who may not read that is given no link.
func TestSDK_GivesStrangersNoDashboard(t *testing.T) {
	t.Parallel()
	s := serve(t, testcluster.Config{})
	ann := s.as("ann")
	bob := s.as("bob")
	application, run := submits(t, ann[0])
	for i, c := range bob {
		answer, err := c.GetDashboardForJobRun(testcluster.Within(t), &emrserverless.GetDashboardForJobRunInput{
			ApplicationId: &application,
			JobRunId:      &run,
		})
		if api := smithy.APIError(nil); !errors.As(err, &api) || api.ErrorCode() != "AccessDeniedException" ||
			!strings.Contains(api.ErrorMessage(), "ann submitted it") {
			t.Errorf("server %d: %v, %v", i, answer, err)
		}
	}
}

// Who cancels and updates is told apart by the signature too.
func TestSDK_KnowsWhoDidWhat(t *testing.T) {
	t.Parallel()
	s := serve(t, testcluster.Config{})
	ann := s.as("ann")
	bob := s.as("bob")
	application, run := submits(t, ann[0])
	ctx := testcluster.Within(t)
	_, err := bob[1].CancelJobRun(ctx, &emrserverless.CancelJobRunInput{ApplicationId: &application, JobRunId: &run})
	must(t, err)
	row, err := s.cluster.Leader().Client().GetJobRun(ctx, &controlv1.GetJobRunRequest{
		ApplicationId: application,
		JobRunId:      run,
	})
	must(t, err)
	if r := row.GetJobRun(); r.GetCreatedBy() != "ann" || r.GetCancelledBy() != "bob" {
		t.Errorf("submitted by %q, cancelled by %q", r.GetCreatedBy(), r.GetCancelledBy())
	}
}

// What somebody was not shown does not come back as a value.
func TestSDK_RefusesTheMaskAsAValue(t *testing.T) {
	t.Parallel()
	s := serve(t, testcluster.Config{})
	ann := s.as("ann")
	application, _ := submits(t, ann[0])
	runs := func() string {
		list := &controlv1.ListJobRunsRequest{ApplicationId: application}
		return fmt.Sprint(s.cluster.Leader().Client().ListJobRuns(testcluster.Within(t), list))
	}
	before := runs()
	_, err := ann[1].StartJobRun(testcluster.Within(t), &emrserverless.StartJobRunInput{
		ApplicationId:    &application,
		ClientToken:      aws.String("again"),
		ExecutionRoleArn: aws.String("arn:aws:iam::123456789012:role/r"),
		JobDriver:        &types.JobDriverMemberSparkSubmit{Value: types.SparkSubmit{EntryPoint: aws.String(mask.Text)}},
	})
	if api := smithy.APIError(nil); !errors.As(err, &api) || api.ErrorCode() != "ValidationException" ||
		!strings.Contains(api.ErrorMessage(), "hidden") {
		t.Errorf("got %v", err)
	}
	if after := runs(); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
}
