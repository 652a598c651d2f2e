package storage

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/headrace/headrace/internal/errs"
)

// service is the storage of s3:// URIs.
type service struct {
	config Config

	mu     sync.Mutex  // guards loaded; held while the AWS files are read
	loaded *connection // nil until the first use that succeeds
}

// connection is what the AWS files and the environment said.
type connection struct {
	config aws.Config
	client *s3.Client
}

// connect returns the connection, which the first caller makes. A failure is not kept: files may be repaired.
func (s *service) connect(ctx context.Context) (*connection, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loaded != nil {
		return s.loaded, nil
	}
	options, err := s.config.options()
	if err != nil {
		return nil, err
	}
	config, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, s.config.unusable(errs.Invalid, err)
	}
	config.Credentials = keys{from: config.Credentials, config: s.config}
	s.loaded = &connection{config: config, client: s3.NewFromConfig(config, s.config.reach)}
	return s.loaded, nil
}

// reach says where the service is.
func (c Config) reach(o *s3.Options) {
	o.UsePathStyle = c.PathStyle
	if c.Endpoint != "" {
		o.BaseEndpoint = aws.String(c.Endpoint)
	}
}

func (s *service) read(ctx context.Context, at location, offset int64) (io.ReadCloser, Info, error) {
	c, err := s.connect(ctx)
	if err != nil {
		return nil, Info{}, err
	}
	got, err := c.client.GetObject(ctx, get(at, offset))
	if statusOf(err) == http.StatusRequestedRangeNotSatisfiable { // nothing is there yet
		info, err := s.stat(ctx, at)
		return http.NoBody, info, err
	}
	if err != nil {
		return nil, Info{}, s.config.refusal(ctx, "read", at, err)
	}
	info := infoOf(at, got.ContentLength, got.LastModified)
	if offset > 0 {
		info.Size = wholeSize(aws.ToString(got.ContentRange))
	}
	if info.Size < 0 {
		_ = got.Body.Close()
		return nil, Info{}, s.config.refusal(ctx, "read", at, errNoSize)
	}
	return body{
		ReadCloser: got.Body,
		ctx:        ctx,
		at:         at,
		config:     s.config,
	}, info, nil
}

// get returns the request for a file from an offset on.
func get(at location, offset int64) *s3.GetObjectInput {
	request := &s3.GetObjectInput{Bucket: &at.bucket, Key: &at.path}
	if offset > 0 {
		request.Range = aws.String("bytes=" + strconv.FormatInt(offset, 10) + "-")
	}
	return request
}

// infoOf returns what the service says of a file.
func infoOf(at location, size *int64, modified *time.Time) Info {
	return Info{
		URI:      at.uri,
		Size:     aws.ToInt64(size),
		Modified: aws.ToTime(modified),
	}
}

// wholeSize returns the size of the file in a Content-Range such as bytes 5-9/10. It is -1 if the range does not say.
func wholeSize(contentRange string) int64 {
	size, err := strconv.ParseInt(contentRange[strings.LastIndex(contentRange, "/")+1:], 10, 64)
	if err != nil {
		return -1
	}
	return size
}

func (s *service) stat(ctx context.Context, at location) (Info, error) {
	c, err := s.connect(ctx)
	if err != nil {
		return Info{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, smallTimeout, errNoAnswer)
	defer cancel()
	head, err := c.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &at.bucket, Key: &at.path})
	if err != nil {
		return Info{}, s.config.refusal(ctx, "find", at, err)
	}
	return infoOf(at, head.ContentLength, head.LastModified), nil
}

func (s *service) remove(ctx context.Context, at location) error {
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, smallTimeout, errNoAnswer)
	defer cancel()
	_, err = c.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &at.bucket, Key: &at.path})
	if err != nil && codeOf(err) != "NoSuchKey" {
		return s.config.refusal(ctx, "delete", at, err)
	}
	return nil
}
