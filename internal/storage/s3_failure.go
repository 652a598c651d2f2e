package storage

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/headrace/headrace/internal/errs"
)

var (
	errNoAnswer = fmt.Errorf("no answer within %s", smallTimeout)
	errNoSize   = errors.New("the service did not say how large the file is, or ignored where to begin")
)

// refusal returns the error of an operation, such as read, on a file in S3. ctx is the context that the request had.
func (c Config) refusal(ctx context.Context, operation string, at location, err error) error {
	if errors.Is(context.Cause(ctx), errNoAnswer) {
		err = errNoAnswer
	}
	status := statusOf(err)
	code := codeOf(err)
	switch {
	case ctx.Err() != nil && !errors.Is(err, errNoAnswer):
		return told(errs.Unavailable, operation, at, stopped, err)
	case code == "NoSuchBucket":
		why := fmt.Sprintf("%s has no bucket %s; make it, or correct the name", c.where(), at.bucket)
		return told(errs.NotFound, operation, at, why, err)
	case errs.Is(err, errs.Unauthorized):
		return told(errs.Unauthorized, operation, at, "there are no credentials; "+c.remedy(), err)
	case status == http.StatusUnauthorized, isUnknown(code):
		why := fmt.Sprintf("%s refuses the credentials (%s); %s", c.where(), reason(err), c.remedy())
		return told(errs.Unauthorized, operation, at, why, err)
	case code == "NoSuchKey", code == "NotFound": // another 404 is not about the file
		return missing(operation, at, err)
	}
	kind, why := c.answered(status, at, err)
	return told(kind, operation, at, why, err)
}

// answered returns what the status of an answer means if its code does not say it.
func (c Config) answered(status int, at location, err error) (kind errs.Kind, why string) {
	switch {
	case status == http.StatusForbidden:
		return errs.Forbidden, fmt.Sprintf(
			"access is denied (%s); give these credentials rights on bucket %s, or %s",
			reason(err),
			at.bucket,
			c.remedy(),
		)
	case isFinal(status):
		return errs.Invalid, fmt.Sprintf(
			"%s refuses the request (%s); check object_store.region and object_store.path_style",
			c.where(),
			reason(err),
		)
	}
	return errs.Unavailable, fmt.Sprintf(
		"%s does not serve it (%s); check object_store.endpoint, or try again later",
		c.where(),
		reason(err),
	)
}

// isUnknown says whether a code means that nobody has these credentials.
func isUnknown(code string) bool {
	switch code {
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired",
		"XAdminUserNotFound": // versitygw's, with status 404
		return true
	}
	return false
}

// isFinal says whether an answer stays the same if one asks again.
func isFinal(status int) bool {
	return status >= 300 && status < 500 && status != http.StatusRequestTimeout && status != http.StatusTooManyRequests
}

// where names the service.
func (c Config) where() string {
	if c.Endpoint == "" {
		return "AWS"
	}
	return c.Endpoint
}

// statusOf returns the status of the service's answer. It is 0 if there was none.
func statusOf(err error) int {
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}

// codeOf returns the service's word for a refusal, such as NoSuchKey. It is empty if there is none.
func codeOf(err error) string {
	var refusal smithy.APIError
	if errors.As(err, &refusal) {
		return refusal.ErrorCode()
	}
	return ""
}
