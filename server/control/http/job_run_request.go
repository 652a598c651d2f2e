package http

import (
	"regexp"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/control/http/wire"
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
		return errs.Field("executionRoleArn", "%.80q is not the ARN of a role, such as arn:aws:iam::000000000000:role/jobs, of %d to %d characters", arn, minRole, maxRole)
	}
	return nil
}

// submission translates a submission.
func (c *call) submission() (*controlv1.StartJobRunRequest, error) {
	var said wire.StartJobRunRequest
	if err := wire.Decode(c.body, &said); err != nil {
		return nil, err
	}
	if err := checkRole(said.ExecutionRoleARN); err != nil {
		return nil, err
	}
	request := &controlv1.StartJobRunRequest{ApplicationId: c.application, ClientToken: said.ClientToken, Name: said.Name, ExecutionRole: said.ExecutionRoleARN,
		Mode: said.Mode, ExecutionTimeoutMinutes: said.ExecutionTimeoutMinutes, Tags: said.Tags}
	if o := said.Overrides; o != nil {
		request.Configuration = configurations(o.ApplicationConfiguration)
		request.Monitoring = c.monitoring(o.Monitoring, "configurationOverrides.")
		request.DiskEncryption = diskEncryption(o.DiskEncryption)
	}
	if said.ExecutionPolicy != nil {
		request.ExecutionPolicy = &controlv1.ExecutionPolicy{Policy: said.ExecutionPolicy.Policy, PolicyArns: said.ExecutionPolicy.ARNs}
	}
	if p := said.RetryPolicy; p != nil {
		request.RetryPolicy = &controlv1.RetryPolicy{MaxAttempts: count(p.MaxAttempts), MaxFailedAttemptsPerHour: count(p.MaxFailedAttemptsPerHour)}
	}
	return request, setDriver(request, said.Driver)
}

// count is a number that Decode holds to be above 0, or 0 when there is none.
func count(n *int32) uint32 {
	if n == nil {
		return 0
	}
	return uint32(*n)
}

func setDriver(request *controlv1.StartJobRunRequest, said *wire.JobDriver) error {
	switch spark, hive := said.SparkSubmit, said.Hive; {
	case (spark == nil) == (hive == nil):
		return errs.Field("jobDriver", "it needs exactly one of sparkSubmit and hive")
	case spark != nil:
		request.Driver = &controlv1.StartJobRunRequest_SparkSubmit{SparkSubmit: &controlv1.SparkSubmit{EntryPoint: spark.EntryPoint,
			EntryPointArguments: spark.Arguments, SparkSubmitParameters: spark.Parameters}}
	default:
		request.Driver = &controlv1.StartJobRunRequest_Hive{Hive: &controlv1.Hive{Query: hive.Query, InitQueryFile: hive.InitQueryFile, Parameters: hive.Parameters}}
	}
	return nil
}
