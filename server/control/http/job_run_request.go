package http

import (
	"regexp"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

var roleARN = regexp.MustCompile(`^arn:aws[a-zA-Z0-9-]*:iam::[0-9]{12}:role/(?:[\x21-\x7F]+/)?[\w+=,.@-]+$`)

// The bounds of a role's ARN, in characters.
const (
	minRole = 20
	maxRole = 2048
)

// checkRole holds that a role is named by an ARN: the native API takes other names, too.
func checkRole(arn string) error {
	if len(arn) < minRole || len(arn) > maxRole || !roleARN.MatchString(arn) {
		return errs.Field(
			"executionRoleArn",
			"%.80q is not the ARN of a role, such as arn:aws:iam::000000000000:role/jobs, of %d to %d characters",
			arn,
			minRole,
			maxRole,
		)
	}
	return nil
}

// startRequest reads what to run.
func (c *call) startRequest() (*controlv1.StartJobRunRequest, error) {
	said, err := c.read("clientToken", "executionRoleArn")
	if err != nil {
		return nil, err
	}
	request := &controlv1.StartJobRunRequest{ApplicationId: c.application, Spec: &specv1.JobRun{}}
	if err := said.into(request.GetSpec()); err != nil {
		return nil, err
	}
	switch run := request.GetSpec(); {
	case !run.HasDriver():
		return nil, missing("jobDriver")
	case !run.GetDriver().HasSparkSubmit() && !run.GetDriver().HasHive():
		return nil, errs.Field("jobDriver", "it needs exactly one of sparkSubmit and hive")
	}
	request.ClientToken, err = said.text("clientToken")
	if err != nil {
		return nil, err
	}
	return request, checkRole(request.GetSpec().GetExecutionRole())
}
