package storage

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// list asks for pages of the service's size, which is 1,000 files on AWS, each after the one before was taken.
func (s *service) list(ctx context.Context, below location, yield func(Info, error) bool) {
	c, err := s.connect(ctx)
	if err != nil {
		yield(Info{}, err)
		return
	}
	pages := c.pages(below)
	for pages.HasMorePages() {
		page, err := s.page(ctx, below, pages)
		if err != nil {
			yield(Info{}, err)
			return
		}
		if !tell(below.bucket, page.Contents, yield) {
			return
		}
	}
}

// pages returns the pages of a list, of which none is asked for yet.
func (c *connection) pages(below location) *s3.ListObjectsV2Paginator {
	request := &s3.ListObjectsV2Input{Bucket: &below.bucket}
	if folder := strings.TrimSuffix(below.path, "/"); folder != "" {
		request.Prefix = aws.String(folder + "/")
	}
	return s3.NewListObjectsV2Paginator(c.client, request, func(o *s3.ListObjectsV2PaginatorOptions) {
		o.StopOnDuplicateToken = true
	})
}

// page asks for the next page.
func (s *service) page(
	ctx context.Context,
	below location,
	pages *s3.ListObjectsV2Paginator,
) (*s3.ListObjectsV2Output, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, smallTimeout, errNoAnswer)
	defer cancel()
	page, err := pages.NextPage(ctx)
	if err != nil {
		return nil, s.config.refusal(ctx, "list", below, err)
	}
	return page, nil
}

// tell tells of the files on a page, and returns false if the list is to end. Keys that end in a slash are folders that
// some tool made.
func tell(bucket string, page []types.Object, yield func(Info, error) bool) bool {
	for _, object := range page {
		key := aws.ToString(object.Key)
		if strings.HasSuffix(key, "/") {
			continue
		}
		at := location{uri: s3Scheme + bucket + "/" + key}
		if !yield(infoOf(at, object.Size, object.LastModified), nil) {
			return false
		}
	}
	return true
}
