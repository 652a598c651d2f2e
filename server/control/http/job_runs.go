package http

import (
	"math"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/internal/spec/codec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// maxJobRunStates is how many states may be asked for: all but one, in the original.
const maxJobRunStates = 8

func (c *call) startJobRun() (*codec.Node, error) {
	request, err := c.startRequest()
	if err != nil {
		return nil, err
	}
	answer, err := c.jobRuns.StartJobRun(c, request)
	if err != nil {
		return nil, err
	}
	run := answer.GetJobRun()
	m := runNamed(run)
	m.text("arn", run.GetArn())
	return m.node(), nil
}

func (c *call) getJobRun() (*codec.Node, error) {
	number, err := c.number("attempt", 1, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	answer, err := c.jobRuns.GetJobRun(c, &controlv1.GetJobRunRequest{
		ApplicationId: c.application,
		JobRunId:      c.run,
		Attempt:       uint32(number),
	})
	if err != nil {
		return nil, err
	}
	var m object
	m.add("jobRun", jobRun(answer.GetJobRun(), answer.GetAttempt()))
	return m.node(), nil
}

func (c *call) listJobRuns() (*codec.Node, error) {
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
	var all []*codec.Node
	for _, run := range answer.GetJobRuns() {
		all = append(all, jobRunSummary(run))
	}
	return pageOf("jobRuns", all, answer.GetNextToken()), nil
}

// created reads the times between which something was created.
func (c *call) created() (after, before *timestamppb.Timestamp, err error) {
	if after, err = parseTime("createdAtAfter", c.query.Get("createdAtAfter")); err != nil {
		return nil, nil, err
	}
	before, err = parseTime("createdAtBefore", c.query.Get("createdAtBefore"))
	return after, before, err
}

func (c *call) listJobRunAttempts() (*codec.Node, error) {
	wanted, token, err := c.page()
	if err != nil {
		return nil, err
	}
	answer, err := c.jobRuns.ListJobRunAttempts(c, &controlv1.ListJobRunAttemptsRequest{
		ApplicationId: c.application,
		JobRunId:      c.run,
		MaxResults:    wanted,
		NextToken:     token,
	})
	if err != nil {
		return nil, err
	}
	found, err := c.jobRuns.GetJobRun(c, &controlv1.GetJobRunRequest{ApplicationId: c.application, JobRunId: c.run})
	if err != nil {
		return nil, err
	}
	var all []*codec.Node
	for _, a := range answer.GetAttempts() {
		all = append(all, jobRunAttempt(found.GetJobRun(), a))
	}
	return pageOf("jobRunAttempts", all, answer.GetNextToken()), nil
}

func (c *call) cancelJobRun() (*codec.Node, error) {
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
	m := runNamed(answer.GetJobRun())
	return m.node(), nil
}

// getDashboardForJobRun answers the link of the Spark UI. The link itself says whether there is something to see yet.
func (c *call) getDashboardForJobRun() (*codec.Node, error) {
	number, err := c.number("attempt", 1, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	if err := c.flag("accessSystemProfileLogs"); err != nil {
		return nil, err
	}
	answer, err := c.jobRuns.GetJobRunUI(c, &controlv1.GetJobRunUIRequest{
		ApplicationId: c.application,
		JobRunId:      c.run,
		Attempt:       uint32(number),
	})
	if err != nil {
		return nil, err
	}
	var m object
	m.text("url", answer.GetUrl())
	return m.node(), nil
}

// runNamed begins an answer that names a run.
func runNamed(run *controlv1.JobRun) *object {
	var m object
	m.text("applicationId", run.GetApplicationId())
	m.text("jobRunId", run.GetJobRunId())
	return &m
}
