// Command gosdk is the first tutorial of the original's guide with the AWS SDK for Go. Endpoint, credentials and region
// come from the environment.
//
//	gosdk ENTRY_POINT ARGUMENT
package main

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	emr "github.com/aws/aws-sdk-go-v2/service/emrserverless"
	"github.com/aws/aws-sdk-go-v2/service/emrserverless/types"

	"github.com/headrace/headrace/internal/clients/steps"
)

const (
	role  = "arn:aws:iam::000000000000:role/default"
	sizes = "--conf spark.executor.cores=1 --conf spark.executor.memory=1g " +
		"--conf spark.driver.cores=1 --conf spark.driver.memory=1g --conf spark.executor.instances=1"
)

// tutorial is a client and what it has made.
type tutorial struct {
	ctx         context.Context
	client      *emr.Client
	steps       steps.Steps
	application *string
	arn         *string
	run         *string
	dashboard   string
}

func main() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	t := &tutorial{ctx: ctx, client: emr.NewFromConfig(settings)}
	t.make()
	t.tag()
	t.start()
	t.runJob(os.Args[1], os.Args[2])
	t.look()
	t.cancel(os.Args[1], os.Args[2])
	t.sessions()
	t.end()
	t.steps.Exit()
}

func (t *tutorial) state() (string, error) {
	answer, err := t.client.GetApplication(t.ctx, &emr.GetApplicationInput{ApplicationId: t.application})
	if err != nil {
		return "", err
	}
	return string(answer.Application.State), nil
}

func (t *tutorial) runState(run *string) func() (string, error) {
	return func() (string, error) {
		answer, err := t.client.GetJobRun(t.ctx, &emr.GetJobRunInput{ApplicationId: t.application, JobRunId: run})
		if err != nil {
			return "", err
		}
		return string(answer.JobRun.State), nil
	}
}

func (t *tutorial) make() {
	t.steps.Do("CreateApplication", "", func() error {
		answer, err := t.client.CreateApplication(t.ctx, &emr.CreateApplicationInput{
			Name:            aws.String("go"),
			ReleaseLabel:    aws.String("emr-7.2.0"),
			Type:            aws.String("SPARK"),
			Tags:            map[string]string{"made": "by Go"},
			MaximumCapacity: &types.MaximumAllowedResources{Cpu: aws.String("16vCPU"), Memory: aws.String("64GB")},
		})
		if err == nil {
			t.application = answer.ApplicationId
			t.arn = answer.Arn
		}
		return err
	})
	t.steps.Do("GetApplication", "", func() error { return steps.Until("CREATED", t.state) })
	t.steps.Do("ListApplications", "", func() error {
		pages := emr.NewListApplicationsPaginator(t.client, &emr.ListApplicationsInput{
			MaxResults: aws.Int32(1),
			States:     []types.ApplicationState{"CREATED"},
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.ctx)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(page.Applications, func(a types.ApplicationSummary) bool { return *a.Id == *t.application }) {
				return nil
			}
		}
		return fmt.Errorf("the application is not listed")
	})
}

func (t *tutorial) tag() {
	t.steps.Do("TagResource", "", func() error {
		_, err := t.client.TagResource(t.ctx, &emr.TagResourceInput{
			ResourceArn: t.arn,
			Tags:        map[string]string{"team": "data"},
		})
		return err
	})
	t.steps.Do("UntagResource", "", func() error {
		_, err := t.client.UntagResource(t.ctx, &emr.UntagResourceInput{ResourceArn: t.arn, TagKeys: []string{"made"}})
		return err
	})
	t.steps.Do("ListTagsForResource", "", func() error {
		answer, err := t.client.ListTagsForResource(t.ctx, &emr.ListTagsForResourceInput{ResourceArn: t.arn})
		if err != nil {
			return err
		}
		return steps.Holds(len(answer.Tags) == 1 && answer.Tags["team"] == "data", "the tags are %v", answer.Tags)
	})
}

func (t *tutorial) start() {
	t.steps.Do("UpdateApplication", "", func() error {
		_, err := t.client.UpdateApplication(t.ctx, &emr.UpdateApplicationInput{
			ApplicationId:         t.application,
			AutoStopConfiguration: &types.AutoStopConfig{Enabled: aws.Bool(true), IdleTimeoutMinutes: aws.Int32(5)},
		})
		return err
	})
	t.steps.Do("StartApplication", "", func() error {
		_, err := t.client.StartApplication(t.ctx, &emr.StartApplicationInput{ApplicationId: t.application})
		return err
	})
	t.steps.Do("GetApplication-started", "", func() error { return steps.Until("STARTED", t.state) })
}

func (t *tutorial) submission(name, entry, argument string) *emr.StartJobRunInput {
	return &emr.StartJobRunInput{
		ApplicationId:    t.application,
		ExecutionRoleArn: aws.String(role),
		Name:             aws.String(name),
		JobDriver: &types.JobDriverMemberSparkSubmit{Value: types.SparkSubmit{
			EntryPoint:            aws.String(entry),
			EntryPointArguments:   []string{argument},
			SparkSubmitParameters: aws.String(sizes),
		}},
	}
}

func (t *tutorial) runJob(entry, argument string) {
	t.steps.Do("StartJobRun", "", func() error {
		answer, err := t.client.StartJobRun(t.ctx, t.submission("word count", entry, argument))
		if err == nil {
			t.run = answer.JobRunId
		}
		return err
	})
	t.steps.Do("GetJobRun", "", func() error { return steps.Until("SUCCESS", t.runState(t.run)) })
}

func (t *tutorial) look() {
	t.steps.Do("ListJobRuns", "", func() error {
		answer, err := t.client.ListJobRuns(t.ctx, &emr.ListJobRunsInput{
			ApplicationId:  t.application,
			CreatedAtAfter: aws.Time(time.Now().Add(-time.Hour)),
		})
		if err != nil {
			return err
		}
		return steps.Holds(len(answer.JobRuns) == 1 && *answer.JobRuns[0].Id == *t.run, "it has %d runs", len(answer.JobRuns))
	})
	t.steps.Do("ListJobRunAttempts", "", func() error {
		answer, err := t.client.ListJobRunAttempts(t.ctx, &emr.ListJobRunAttemptsInput{
			ApplicationId: t.application,
			JobRunId:      t.run,
		})
		if err != nil {
			return err
		}
		return steps.Holds(len(answer.JobRunAttempts) == 1, "it has %d attempts", len(answer.JobRunAttempts))
	})
	t.steps.Do("GetDashboardForJobRun", "", func() error {
		answer, err := t.client.GetDashboardForJobRun(t.ctx, &emr.GetDashboardForJobRunInput{
			ApplicationId: t.application,
			JobRunId:      t.run,
		})
		if err == nil {
			t.dashboard = aws.ToString(answer.Url)
		}
		return err
	})
	t.steps.Do("log-of-the-driver", "", t.readLog)
}

func (t *tutorial) readLog() error {
	at, err := url.Parse(t.dashboard)
	if err != nil {
		return err
	}
	at.Path = "/logs/SPARK_DRIVER/stdout.gz"
	request, err := http.NewRequestWithContext(t.ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept-Encoding", "identity")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	packed, err := gzip.NewReader(answer.Body)
	if err != nil {
		return err
	}
	content, err := io.ReadAll(packed)
	if err != nil {
		return err
	}
	return steps.Holds(strings.Contains(string(content), "words in all"), "the log is another one")
}

func (t *tutorial) cancel(entry, argument string) {
	second, err := t.client.StartJobRun(t.ctx, t.submission("second", entry, argument))
	t.steps.Do("CancelJobRun", "", func() error {
		if err == nil {
			_, err = t.client.CancelJobRun(t.ctx, &emr.CancelJobRunInput{
				ApplicationId: t.application,
				JobRunId:      second.JobRunId,
			})
		}
		if err != nil {
			return err
		}
		return steps.Until("CANCELLED", t.runState(second.JobRunId))
	})
}

func (t *tutorial) sessions() {
	none := aws.String("00none")
	t.steps.Do("StartSession", "ValidationException", func() error {
		_, err := t.client.StartSession(t.ctx, &emr.StartSessionInput{
			ApplicationId:    t.application,
			ExecutionRoleArn: aws.String(role),
		})
		return err
	})
	t.steps.Do("ListSessions", "", func() error {
		answer, err := t.client.ListSessions(t.ctx, &emr.ListSessionsInput{ApplicationId: t.application})
		if err != nil {
			return err
		}
		return steps.Holds(len(answer.Sessions) == 0, "there are sessions")
	})
	t.noSession(none)
}

// noSession asks for a session that is not there.
func (t *tutorial) noSession(none *string) {
	t.steps.Do("GetSession", "ResourceNotFoundException", func() error {
		_, err := t.client.GetSession(t.ctx, &emr.GetSessionInput{ApplicationId: t.application, SessionId: none})
		return err
	})
	t.steps.Do("GetSessionEndpoint", "ResourceNotFoundException", func() error {
		_, err := t.client.GetSessionEndpoint(t.ctx, &emr.GetSessionEndpointInput{
			ApplicationId: t.application,
			SessionId:     none,
		})
		return err
	})
	t.steps.Do("TerminateSession", "ResourceNotFoundException", func() error {
		_, err := t.client.TerminateSession(t.ctx, &emr.TerminateSessionInput{
			ApplicationId: t.application,
			SessionId:     none,
		})
		return err
	})
	t.steps.Do("GetResourceDashboard", "ResourceNotFoundException", func() error {
		_, err := t.client.GetResourceDashboard(t.ctx, &emr.GetResourceDashboardInput{
			ApplicationId: t.application,
			ResourceId:    none,
			ResourceType:  types.ResourceTypeSession,
		})
		return err
	})
}

func (t *tutorial) end() {
	t.steps.Do("StopApplication", "", func() error {
		if _, err := t.client.StopApplication(t.ctx, &emr.StopApplicationInput{ApplicationId: t.application}); err != nil {
			return err
		}
		return steps.Until("STOPPED", t.state)
	})
	t.steps.Do("DeleteApplication", "", func() error {
		_, err := t.client.DeleteApplication(t.ctx, &emr.DeleteApplicationInput{ApplicationId: t.application})
		if err != nil {
			return err
		}
		return steps.Until("TERMINATED", t.state)
	})
	t.steps.Do("GetApplication-unknown", "ResourceNotFoundException", func() error {
		_, err := t.client.GetApplication(t.ctx, &emr.GetApplicationInput{ApplicationId: aws.String("00unknown")})
		return err
	})
}
