package sdk

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/emrserverless"
	"github.com/aws/aws-sdk-go-v2/service/emrserverless/types"
	"github.com/headrace/headrace/internal/testcluster"
	"github.com/headrace/headrace/server"
)

// session is one test's use of the SDK.
type session struct {
	*emrserverless.Client
	t   *testing.T
	ctx context.Context
}

// Every operation of the SDK is called, and its answer understood.
func TestSDK_EveryOperationGoesRound(t *testing.T) {
	t.Parallel()
	s := serve(t, testcluster.Config{Servers: 1, Adjust: anySignature})
	client := s.sdk(s.at(0)+"/pre/fix/", "us-east-1", "AKIDEXAMPLE", "dummysecret")
	c := &session{Client: client, t: t, ctx: testcluster.Within(t)}
	application := c.createsApplication()
	run := c.startsJobRun(application)
	c.readsJobRuns(application, run)
	c.tags(application, run)
	c.findsNoSessions(application)
	c.cancels(application, run)
	c.updatesAndDeletes(application)
}

// anySignature lets everybody in: signatures have tests of their own.
func anySignature(c *server.Config) { c.AnySignature = true }

func ok[T any](c *session) func(T, error) T {
	return func(answer T, err error) T {
		c.t.Helper()
		if err != nil {
			c.t.Fatal(err)
		}
		return answer
	}
}

func (c *session) createsApplication() string {
	created := ok[*emrserverless.CreateApplicationOutput](c)(c.CreateApplication(c.ctx, everything()))
	id := *created.ApplicationId
	if *created.Name != "everything" || !strings.HasSuffix(*created.Arn, ":/applications/"+id) || len(*created.Arn) < 60 {
		c.t.Errorf("created %v", created)
	}
	a := ok[*emrserverless.GetApplicationOutput](
		c,
	)(
		c.GetApplication(c.ctx, &emrserverless.GetApplicationInput{ApplicationId: &id}),
	).Application
	c.sameSettings(a)
	if a.State != types.ApplicationStateCreated || *a.Type != "Spark" || a.StateDetails == nil ||
		time.Since(*a.CreatedAt) > time.Hour ||
		a.UpdatedAt == nil {
		c.t.Errorf("application %+v", a)
	}
	list := ok[*emrserverless.ListApplicationsOutput](
		c,
	)(
		c.ListApplications(
			c.ctx,
			&emrserverless.ListApplicationsInput{States: []types.ApplicationState{"CREATED", "STARTED"}},
		),
	)
	if len(list.Applications) != 1 || *list.Applications[0].Id != id || list.NextToken != nil {
		c.t.Errorf("listed %+v", list)
	}
	ok[*emrserverless.StartApplicationOutput](
		c,
	)(
		c.StartApplication(c.ctx, &emrserverless.StartApplicationInput{ApplicationId: &id}),
	)
	return id
}

// everything is an application of which all is said that something acts on.
func everything() *emrserverless.CreateApplicationInput {
	return &emrserverless.CreateApplicationInput{
		Name:         aws.String("everything"),
		ReleaseLabel: aws.String("emr-7.2.0"),
		Type:         aws.String("spark"),
		Tags:         map[string]string{"team": "data", "empty": ""},
		Architecture: types.ArchitectureX8664,
		InitialCapacity: map[string]types.InitialCapacityConfig{"Driver": {
			WorkerCount: aws.Int64(1),
			WorkerConfiguration: &types.WorkerResourceConfig{
				Cpu: aws.String("2 vCPU"), Memory: aws.String("4 GB"), Disk: aws.String("20 GB"), DiskType: aws.String("STANDARD"),
			},
		}},
		MaximumCapacity: &types.MaximumAllowedResources{
			Cpu:    aws.String("400 vCPU"),
			Memory: aws.String("1024 GB"),
			Disk:   aws.String("1000 GB"),
		},
		AutoStartConfiguration: &types.AutoStartConfig{Enabled: aws.Bool(true)},
		AutoStopConfiguration:  &types.AutoStopConfig{Enabled: aws.Bool(false), IdleTimeoutMinutes: aws.Int32(30)},
		RuntimeConfiguration: []types.Configuration{{
			Classification: aws.String("spark-defaults"),
			Properties:     map[string]string{"spark.executor.cores": "2"},
		}},
		MonitoringConfiguration: &types.MonitoringConfiguration{
			S3MonitoringConfiguration: &types.S3MonitoringConfiguration{LogUri: aws.String("s3://logs/here")},
			ManagedPersistenceMonitoringConfiguration: &types.ManagedPersistenceMonitoringConfiguration{
				Enabled: aws.Bool(false),
			},
		},
		InteractiveConfiguration: &types.InteractiveConfiguration{
			LivyEndpointEnabled: aws.Bool(false),
			StudioEnabled:       aws.Bool(true),
			SessionEnabled:      aws.Bool(true),
		},
		SchedulerConfiguration: &types.SchedulerConfiguration{
			MaxConcurrentRuns:   aws.Int32(7),
			QueueTimeoutMinutes: aws.Int32(30),
		},
		JobLevelCostAllocationConfiguration: &types.JobLevelCostAllocationConfiguration{Enabled: aws.Bool(false)},
	}
}

// sameSettings compares all settings with what was sent, as Terraform does after each change.
func (c *session) sameSettings(a *types.Application) {
	c.t.Helper()
	sent := everything()
	for name, pair := range map[string][2]any{
		"initialCapacity": {sent.InitialCapacity, a.InitialCapacity},
		"maximumCapacity": {sent.MaximumCapacity, a.MaximumCapacity},
		"tags":            {sent.Tags, a.Tags},
		"autoStart":       {sent.AutoStartConfiguration, a.AutoStartConfiguration},
		"autoStop":        {sent.AutoStopConfiguration, a.AutoStopConfiguration},
		"runtime":         {sent.RuntimeConfiguration, a.RuntimeConfiguration},
		"monitoring":      {sent.MonitoringConfiguration, a.MonitoringConfiguration},
		"interactive":     {sent.InteractiveConfiguration, a.InteractiveConfiguration},
		"scheduler":       {sent.SchedulerConfiguration, a.SchedulerConfiguration},
		"costs":           {sent.JobLevelCostAllocationConfiguration, a.JobLevelCostAllocationConfiguration},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			c.t.Errorf("%s came back as %+v", name, pair[1])
		}
	}
}

func (c *session) startsJobRun(application string) string {
	input := &emrserverless.StartJobRunInput{
		ApplicationId:    &application,
		ExecutionRoleArn: aws.String("arn:aws:iam::123456789012:role/r"),
		Name:             aws.String("night"),
		ClientToken:      aws.String("one"),
		JobDriver: &types.JobDriverMemberSparkSubmit{Value: types.SparkSubmit{
			EntryPoint:            aws.String("s3://b/x.py"),
			EntryPointArguments:   []string{"é<&>", ""},
			SparkSubmitParameters: aws.String("--conf spark.executor.cores=2 --conf spark.executor.memory=4g"),
		}},
		ConfigurationOverrides: &types.ConfigurationOverrides{
			ApplicationConfiguration: []types.Configuration{{Classification: aws.String("spark-defaults")}},
		},
		ExecutionTimeoutMinutes: aws.Int64(0),
		RetryPolicy:             &types.RetryPolicy{MaxAttempts: aws.Int32(2)},
		Tags:                    map[string]string{"a": "b"},
		Mode:                    types.JobRunModeBatch,
	}
	started := ok[*emrserverless.StartJobRunOutput](c)(c.StartJobRun(c.ctx, input))
	again := ok[*emrserverless.StartJobRunOutput](c)(c.StartJobRun(c.ctx, input))
	if *again.JobRunId != *started.JobRunId || *started.ApplicationId != application ||
		!strings.HasSuffix(*started.Arn, "/jobruns/"+*started.JobRunId) {
		c.t.Errorf("started %v, and with the same token %v", started, again)
	}
	input.Name = aws.String("another")
	_, err := c.StartJobRun(c.ctx, input)
	var conflict *types.ConflictException
	if !errors.As(err, &conflict) {
		c.t.Errorf("the same token for another run: %v", err)
	}
	return *started.JobRunId
}

func (c *session) readsJobRuns(application, run string) {
	r := ok[*emrserverless.GetJobRunOutput](c)(c.GetJobRun(c.ctx, &emrserverless.GetJobRunInput{
		ApplicationId: &application,
		JobRunId:      &run,
		Attempt:       aws.Int32(1),
	})).JobRun
	spark, isSpark := r.JobDriver.(*types.JobDriverMemberSparkSubmit)
	if !isSpark || !slices.Equal(spark.Value.EntryPointArguments, []string{"é<&>", ""}) ||
		r.StateDetails == nil || *r.Attempt != 1 || *r.RetryPolicy.MaxAttempts != 2 ||
		*r.ExecutionTimeoutMinutes != 0 || *r.ExecutionRole != "arn:aws:iam::123456789012:role/r" ||
		!strings.HasPrefix(*r.CreatedBy, "arn:aws:iam::") || r.Tags["a"] != "b" ||
		!strings.Contains(*r.StateDetails, "executionRoleArn") ||
		r.AttemptCreatedAt == nil {
		c.t.Errorf("run %+v", r)
	}
	list := ok[*emrserverless.ListJobRunsOutput](c)(c.ListJobRuns(c.ctx, &emrserverless.ListJobRunsInput{
		ApplicationId:   &application,
		States:          []types.JobRunState{r.State},
		CreatedAtAfter:  aws.Time(r.CreatedAt.Add(-time.Second)),
		CreatedAtBefore: aws.Time(r.CreatedAt.Add(time.Second)),
		Mode:            types.JobRunModeBatch,
		MaxResults:      aws.Int32(50),
	}))
	if len(list.JobRuns) != 1 || *list.JobRuns[0].Id != run || *list.JobRuns[0].Type != "SPARK" {
		c.t.Errorf("listed %+v", list)
	}
	attempts := ok[*emrserverless.ListJobRunAttemptsOutput](
		c,
	)(
		c.ListJobRunAttempts(c.ctx, &emrserverless.ListJobRunAttemptsInput{
			ApplicationId: &application,
			JobRunId:      &run,
		}),
	)
	if len(attempts.JobRunAttempts) != 1 || *attempts.JobRunAttempts[0].Attempt != 1 ||
		attempts.JobRunAttempts[0].JobCreatedAt == nil {
		c.t.Errorf("attempts %+v", attempts)
	}
	link := ok[*emrserverless.GetDashboardForJobRunOutput](
		c,
	)(
		c.GetDashboardForJobRun(c.ctx, &emrserverless.GetDashboardForJobRunInput{
			ApplicationId:           &application,
			JobRunId:                &run,
			AccessSystemProfileLogs: aws.Bool(false),
		}),
	)
	if !strings.HasPrefix(*link.Url, "http://127.0.0.1:") {
		c.t.Errorf("the link is %s", *link.Url)
	}
}

func (c *session) tags(application, run string) {
	for _, arn := range []string{
		"arn:aws:emr-serverless:eu-west-1:123456789012:/applications/" + application,
		"arn:aws:emr-serverless:eu-west-1:123456789012:/applications/" + application + "/jobruns/" + run,
	} {
		ok[*emrserverless.TagResourceOutput](c)(c.TagResource(c.ctx, &emrserverless.TagResourceInput{
			ResourceArn: &arn,
			Tags:        map[string]string{"k k": "v=1", "x": ""},
		}))
		ok[*emrserverless.UntagResourceOutput](c)(c.UntagResource(c.ctx, &emrserverless.UntagResourceInput{
			ResourceArn: &arn,
			TagKeys:     []string{"x", "none"},
		}))
		tags := ok[*emrserverless.ListTagsForResourceOutput](
			c,
		)(
			c.ListTagsForResource(c.ctx, &emrserverless.ListTagsForResourceInput{ResourceArn: &arn}),
		).Tags
		if _, there := tags["x"]; tags["k k"] != "v=1" || there {
			c.t.Errorf("tags of %s: %v", arn, tags)
		}
	}
}

func (c *session) findsNoSessions(application string) {
	session := aws.String("00s1")
	sessions := ok[*emrserverless.ListSessionsOutput](c)(c.ListSessions(c.ctx, &emrserverless.ListSessionsInput{
		ApplicationId: &application,
		States:        []types.SessionState{"IDLE"},
	}))
	if sessions.Sessions == nil || len(sessions.Sessions) != 0 {
		c.t.Errorf("sessions %v", sessions)
	}
	_, err := c.StartSession(c.ctx, &emrserverless.StartSessionInput{
		ApplicationId:    &application,
		ExecutionRoleArn: aws.String("arn:aws:iam::123456789012:role/r"),
	})
	var refused *types.ValidationException
	if !errors.As(err, &refused) || !strings.Contains(*refused.Message, "not available") {
		c.t.Errorf("a session: %v", err)
	}
	for name, call := range map[string]func() error{
		"GetSession": func() error {
			_, err := c.GetSession(c.ctx, &emrserverless.GetSessionInput{ApplicationId: &application, SessionId: session})
			return err
		},
		"GetSessionEndpoint": func() error {
			_, err := c.GetSessionEndpoint(c.ctx, &emrserverless.GetSessionEndpointInput{
				ApplicationId: &application,
				SessionId:     session,
			})
			return err
		},
		"TerminateSession": func() error {
			_, err := c.TerminateSession(c.ctx, &emrserverless.TerminateSessionInput{
				ApplicationId: &application,
				SessionId:     session,
			})
			return err
		},
		"GetResourceDashboard": func() error {
			_, err := c.GetResourceDashboard(c.ctx, &emrserverless.GetResourceDashboardInput{
				ApplicationId: &application,
				ResourceId:    session,
				ResourceType:  types.ResourceTypeSession,
			})
			return err
		},
	} {
		var none *types.ResourceNotFoundException
		if err := call(); !errors.As(err, &none) || !strings.Contains(*none.Message, "00s1") {
			c.t.Errorf("%s: %v", name, err)
		}
	}
}

func (c *session) cancels(application, run string) {
	cancelled := ok[*emrserverless.CancelJobRunOutput](c)(c.CancelJobRun(c.ctx, &emrserverless.CancelJobRunInput{
		ApplicationId:                &application,
		JobRunId:                     &run,
		ShutdownGracePeriodInSeconds: aws.Int32(0),
	}))
	if *cancelled.JobRunId != run {
		c.t.Errorf("cancelled %v", cancelled)
	}
	r := ok[*emrserverless.GetJobRunOutput](c)(c.GetJobRun(c.ctx, &emrserverless.GetJobRunInput{
		ApplicationId: &application,
		JobRunId:      &run,
	})).JobRun
	if r.State != types.JobRunStateCancelled || r.EndedAt == nil || r.TotalExecutionDurationSeconds == nil ||
		r.BilledResourceUtilization == nil {
		c.t.Errorf("cancelled %+v", r)
	}
	ok[*emrserverless.StopApplicationOutput](
		c,
	)(
		c.StopApplication(c.ctx, &emrserverless.StopApplicationInput{ApplicationId: &application}),
	)
}

func (c *session) updatesAndDeletes(application string) {
	updated := ok[*emrserverless.UpdateApplicationOutput](
		c,
	)(
		c.UpdateApplication(c.ctx, &emrserverless.UpdateApplicationInput{
			ApplicationId:         &application,
			ImageConfiguration:    &types.ImageConfigurationInput{},
			AutoStopConfiguration: &types.AutoStopConfig{Enabled: aws.Bool(true), IdleTimeoutMinutes: aws.Int32(5)},
		}),
	).Application
	if updated.ImageConfiguration != nil || !*updated.AutoStopConfiguration.Enabled ||
		*updated.AutoStopConfiguration.IdleTimeoutMinutes != 5 ||
		updated.SchedulerConfiguration == nil {
		c.t.Errorf("updated %+v", updated)
	}
	ok[*emrserverless.DeleteApplicationOutput](
		c,
	)(
		c.DeleteApplication(c.ctx, &emrserverless.DeleteApplicationInput{ApplicationId: &application}),
	)
	gone := ok[*emrserverless.GetApplicationOutput](
		c,
	)(
		c.GetApplication(c.ctx, &emrserverless.GetApplicationInput{ApplicationId: &application}),
	).Application
	list := ok[*emrserverless.ListApplicationsOutput](c)(c.ListApplications(c.ctx, &emrserverless.ListApplicationsInput{}))
	if gone.State != types.ApplicationStateTerminated || len(list.Applications) != 0 {
		c.t.Errorf("deleted %+v, listed %v", gone, list.Applications)
	}
	_, err := c.GetApplication(c.ctx, &emrserverless.GetApplicationInput{ApplicationId: aws.String("00none")})
	var none *types.ResourceNotFoundException
	if !errors.As(err, &none) {
		c.t.Errorf("an application that never was: %v", err)
	}
}
