package http

import (
	"regexp"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

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
	if err := said.ownMembers(request.GetSpec().GetDriver()); err != nil {
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

// ownMembers refuses a driver with members of another driver, as a sparkSubmit with a query: elsewhere members that are
// not known are left out, but this is a program that would not do what its user thinks.
func (b body) ownMembers(driver *specv1.JobDriver) error {
	m := driver.ProtoReflect()
	if !m.IsValid() {
		return nil
	}
	own := m.WhichOneof(m.Descriptor().Oneofs().Get(0))
	if own == nil {
		return nil
	}
	var foreign []string
	for _, member := range b.Get("jobDriver").Get(own.JSONName()).Members {
		if other := driverWith(m.Descriptor(), member.Name); other != nil && !has(own.Message(), member.Name) {
			foreign = append(foreign, member.Name+" (of "+other.JSONName()+")")
		}
	}
	if len(foreign) == 0 {
		return nil
	}
	return errs.Field("jobDriver."+own.JSONName(), "it has members of another driver: %s", strings.Join(foreign, ", "))
}

// driverWith returns the first driver that has a member, or nil.
func driverWith(drivers protoreflect.MessageDescriptor, member string) protoreflect.FieldDescriptor {
	for i := range drivers.Fields().Len() {
		if fd := drivers.Fields().Get(i); has(fd.Message(), member) {
			return fd
		}
	}
	return nil
}

func has(md protoreflect.MessageDescriptor, member string) bool {
	return md.Fields().ByJSONName(member) != nil
}
