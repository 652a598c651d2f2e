package http

import (
	"context"
	"net/url"
	"regexp"
	"strings"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// clients are the native services that calls need.
type clients struct {
	applications controlv1.ApplicationServiceClient
	jobRuns      controlv1.JobRunServiceClient
	tags         controlv1.TagServiceClient
}

func clientsOf(api grpc.ClientConnInterface) clients {
	return clients{
		applications: controlv1.NewApplicationServiceClient(api),
		jobRuns:      controlv1.NewJobRunServiceClient(api),
		tags:         controlv1.NewTagServiceClient(api),
	}
}

// call is one request on its way.
type call struct {
	context.Context
	clients
	application, run, session string // labels of the path
	arn                       resource
	query                     url.Values
	body                      []byte
}

// resource is what an ARN names.
type resource struct{ application, run string }

var (
	id          = regexp.MustCompile(`^[0-9a-z]{1,64}$`)
	resourceARN = regexp.MustCompile(
		`^arn:aws[a-zA-Z0-9-]*:emr-serverless:.+:\d{12}:/applications/([0-9a-zA-Z]+)(?:/jobruns/([0-9a-zA-Z]+))?$`,
	)
)

// The bounds of an ARN, in characters.
const (
	minARN = 60
	maxARN = 1024
)

// take checks the labels of the path. An ARN's region and account are not looked at: a cluster has one of each.
func (c *call) take(op *operation, labels []string) error {
	for word := range strings.SplitSeq(op.path, "/") {
		if word[0] != '{' {
			continue
		}
		if err := c.takeLabel(word[1:len(word)-1], labels[0]); err != nil {
			return err
		}
		labels = labels[1:]
	}
	return nil
}

func (c *call) takeLabel(name, label string) error {
	switch name {
	case "applicationId":
		c.application = label
	case "jobRunId":
		c.run = label
	case "sessionId":
		c.session = label
	case "resourceArn":
		return c.takeARN(name, label)
	}
	return checkID(name, label)
}

func (c *call) takeARN(name, label string) error {
	parts := resourceARN.FindStringSubmatch(label)
	if parts == nil || len(label) < minARN || len(label) > maxARN {
		return errs.Field(
			name,
			"%.160q is not the ARN of an application or job run of %d to %d characters, such as "+
				"arn:aws:emr-serverless:us-east-1:000000000000:/applications/00abc",
			label,
			minARN,
			maxARN,
		)
	}
	c.arn = resource{application: parts[1], run: parts[2]}
	return nil
}

func checkID(field, text string) error {
	if !id.MatchString(text) {
		return errs.Field(field, "%.80q is not 1 to 64 of 0-9 a-z", text)
	}
	return nil
}
