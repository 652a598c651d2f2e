package http

import (
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/control/http/wire"
)

// maxTagKeys is how many tags one call may remove.
const maxTagKeys = 200

func (c *call) listTags() (any, error) {
	answer, err := c.tags.ListTags(c, &controlv1.ListTagsRequest{ApplicationId: c.arn.application, JobRunId: c.arn.run})
	if err != nil {
		return nil, err
	}
	return wire.ListTagsForResourceResponse{Tags: tags(answer.GetTags())}, nil
}

func (c *call) tagResource() (any, error) {
	var said wire.TagResourceRequest
	if err := wire.Decode(c.body, &said); err != nil {
		return nil, err
	}
	_, err := c.tags.TagResource(c, &controlv1.TagResourceRequest{ApplicationId: c.arn.application, JobRunId: c.arn.run, Tags: said.Tags})
	return nil, err
}

func (c *call) untagResource() (any, error) {
	keys, err := c.list("tagKeys", 1, maxTagKeys)
	if err != nil {
		return nil, err
	}
	_, err = c.tags.UntagResource(c, &controlv1.UntagResourceRequest{ApplicationId: c.arn.application, JobRunId: c.arn.run, TagKeys: keys})
	return nil, err
}
