package http

import (
	"math"

	"google.golang.org/protobuf/types/known/timestamppb"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/control/http/wire"
)

// maxJobRunStates is how many states may be asked for: all but one, in the original.
const maxJobRunStates = 8

func (c *call) startJobRun() (any, error) {
	request, err := c.submission()
	if err != nil {
		return nil, err
	}
	answer, err := c.jobRuns.StartJobRun(c, request)
	if err != nil {
		return nil, err
	}
	run := answer.GetJobRun()
	return wire.StartJobRunResponse{ApplicationID: run.GetApplicationId(), JobRunID: run.GetJobRunId(), ARN: run.GetArn()}, nil
}

func (c *call) getJobRun() (any, error) {
	number, err := c.number("attempt", 1, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	answer, err := c.jobRuns.GetJobRun(c, &controlv1.GetJobRunRequest{ApplicationId: c.application, JobRunId: c.run, Attempt: uint32(number)})
	if err != nil {
		return nil, err
	}
	return wire.GetJobRunResponse{JobRun: jobRun(answer.GetJobRun(), answer.GetAttempt())}, nil
}

func (c *call) listJobRuns() (any, error) {
	request := &controlv1.ListJobRunsRequest{ApplicationId: c.application, Mode: c.query.Get("mode")}
	var err error
	if request.MaxResults, request.NextToken, err = c.page(); err != nil {
		return nil, err
	}
	if request.States, err = c.list("states", 0, maxJobRunStates); err != nil {
		return nil, err
	}
	if request.CreatedAfter, request.CreatedBefore, err = c.created(); err != nil {
		return nil, err
	}
	answer, err := c.jobRuns.ListJobRuns(c, request)
	if err != nil {
		return nil, err
	}
	page := wire.ListJobRunsResponse{JobRuns: []wire.JobRunSummary{}, NextToken: answer.GetNextToken()}
	for _, run := range answer.GetJobRuns() {
		page.JobRuns = append(page.JobRuns, jobRunSummary(run))
	}
	return page, nil
}

// created reads the times between which something was created.
func (c *call) created() (after, before *timestamppb.Timestamp, err error) {
	if after, err = wire.ParseTime("createdAtAfter", c.query.Get("createdAtAfter")); err != nil {
		return nil, nil, err
	}
	before, err = wire.ParseTime("createdAtBefore", c.query.Get("createdAtBefore"))
	return after, before, err
}

func (c *call) listJobRunAttempts() (any, error) {
	most, token, err := c.page()
	if err != nil {
		return nil, err
	}
	answer, err := c.jobRuns.ListJobRunAttempts(c, &controlv1.ListJobRunAttemptsRequest{ApplicationId: c.application, JobRunId: c.run, MaxResults: most, NextToken: token})
	if err != nil {
		return nil, err
	}
	found, err := c.jobRuns.GetJobRun(c, &controlv1.GetJobRunRequest{ApplicationId: c.application, JobRunId: c.run})
	if err != nil {
		return nil, err
	}
	page := wire.ListJobRunAttemptsResponse{Attempts: []wire.JobRunAttempt{}, NextToken: answer.GetNextToken()}
	for _, a := range answer.GetAttempts() {
		page.Attempts = append(page.Attempts, jobRunAttempt(found.GetJobRun(), a))
	}
	return page, nil
}

func (c *call) cancelJobRun() (any, error) {
	request := &controlv1.CancelJobRunRequest{ApplicationId: c.application, JobRunId: c.run}
	if c.query.Has("shutdownGracePeriodInSeconds") {
		seconds, err := c.number("shutdownGracePeriodInSeconds", math.MinInt32, math.MaxInt32)
		if err != nil {
			return nil, err
		}
		grace := int64(seconds)
		request.GraceSeconds = &grace
	}
	answer, err := c.jobRuns.CancelJobRun(c, request)
	if err != nil {
		return nil, err
	}
	return wire.CancelJobRunResponse{ApplicationID: answer.GetJobRun().GetApplicationId(), JobRunID: answer.GetJobRun().GetJobRunId()}, nil
}

// getDashboardForJobRun answers the link of the Spark UI; what it shows, and whether there is something yet, the link itself says.
func (c *call) getDashboardForJobRun() (any, error) {
	number, err := c.number("attempt", 1, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	if err := c.flag("accessSystemProfileLogs"); err != nil {
		return nil, err
	}
	answer, err := c.jobRuns.GetJobRunUI(c, &controlv1.GetJobRunUIRequest{ApplicationId: c.application, JobRunId: c.run, Attempt: uint32(number)})
	if err != nil {
		return nil, err
	}
	return wire.URLResponse{URL: answer.GetUrl()}, nil
}
