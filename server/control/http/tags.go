package http

import (
	"github.com/headrace/headrace/internal/spec/codec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// maxTagKeys is how many tags one call may remove.
const maxTagKeys = 200

func (c *call) listTags() (*codec.Node, error) {
	answer, err := c.tags.ListTags(c, &controlv1.ListTagsRequest{ApplicationId: c.arn.application, JobRunId: c.arn.run})
	if err != nil {
		return nil, err
	}
	var m object
	m.texts("tags", answer.GetTags())
	return m.node(), nil
}

func (c *call) tagResource() (*codec.Node, error) {
	said, err := c.read()
	if err != nil {
		return nil, err
	}
	request := &controlv1.TagResourceRequest{}
	if err := said.into(request); err != nil {
		return nil, err
	}
	if tags := said.Get("tags"); tags == nil || tags.Kind == codec.Null {
		return nil, missing("tags")
	}
	request.ApplicationId = c.arn.application
	request.JobRunId = c.arn.run
	_, err = c.tags.TagResource(c, request)
	return nil, err
}

func (c *call) untagResource() (*codec.Node, error) {
	keys, err := c.list("tagKeys", 1, maxTagKeys)
	if err != nil {
		return nil, err
	}
	_, err = c.tags.UntagResource(c, &controlv1.UntagResourceRequest{
		ApplicationId: c.arn.application,
		JobRunId:      c.arn.run,
		TagKeys:       keys,
	})
	return nil, err
}
