package storage

import (
	"context"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	maxWhole    = 64 << 20 // bytes that are sent in one request; more go in parts
	partBytes   = 16 << 20 // at least; more when there would be over 10,000 parts
	partsAtOnce = 4        // so that an upload has at most 80 MiB in memory, nothing if content is a file
)

// write sends the content. The service takes the new file only when all of it has arrived.
func (s *service) write(ctx context.Context, at location, content io.ReadSeeker, size int64) error {
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	request := &s3.PutObjectInput{Bucket: &at.bucket, Key: &at.path, Body: content}
	if size > maxWhole {
		err = c.writeParts(ctx, request)
	} else {
		_, err = c.client.PutObject(ctx, request)
	}
	if err != nil {
		return s.config.refusal(ctx, "write", at, err)
	}
	return nil
}

// writeParts sends the content in parts, several at once. If the upload fails, its parts are given up, so that they
// cost nothing. If the process dies, or the caller stops waiting, they stay until the bucket's rules remove them.
func (c *connection) writeParts(ctx context.Context, request *s3.PutObjectInput) error {
	//nolint:staticcheck // what shall follow it is not at version 1
	uploader := manager.NewUploader(c.client, func(u *manager.Uploader) {
		u.PartSize = partBytes
		u.Concurrency = partsAtOnce
		u.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
	})
	_, err := uploader.Upload(ctx, request) //nolint:staticcheck // as above
	return err
}
