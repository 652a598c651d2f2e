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

// refusal returns the error of an operation, such as read, on a file in S3. ctx is the one that the request had.
func (c Config) refusal(ctx context.Context, operation string, at location, err error) error {
	if errors.Is(context.Cause(ctx), errNoAnswer) {
		err = errNoAnswer
	}
	status, code := statusOf(err), codeOf(err)
	kind, where := errs.Unavailable, c.where()
	why := fmt.Sprintf("%s does not serve it (%s); check object_store.endpoint, or try again later", where, reason(err))
	switch {
	case ctx.Err() != nil && !errors.Is(err, errNoAnswer):
		why = stopped
	case code == "NoSuchBucket":
		kind, why = errs.NotFound, fmt.Sprintf("%s has no bucket %s; make it, or correct the name", where, at.bucket)
	case errs.Is(err, errs.Unauthorized):
		kind, why = errs.Unauthorized, "there are no credentials; "+c.remedy()
	case status == http.StatusUnauthorized, isUnknown(code):
		kind, why = errs.Unauthorized, fmt.Sprintf("%s refuses the credentials (%s); %s", where, reason(err), c.remedy())
	case code == "NoSuchKey", code == "NotFound": // another 404 is not about the file
		return missing(operation, at, err)
	case status == http.StatusForbidden:
		kind = errs.Forbidden
		why = fmt.Sprintf("access is denied (%s); give these credentials rights on bucket %s, or %s", reason(err), at.bucket, c.remedy())
	case isFinal(status):
		kind = errs.Invalid
		why = fmt.Sprintf("%s refuses the request (%s); check object_store.region and object_store.path_style", where, reason(err))
	}
	return told(kind, operation, at, why, err)
}

// isUnknown says whether a code tells that nobody has these credentials.
func isUnknown(code string) bool {
	switch code {
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired",
		"XAdminUserNotFound": // versitygw's, with status 404
		return true
	}
	return false
}

// isFinal says whether an answer stays the same when one asks again.
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

// statusOf returns the status of the service's answer; 0 if there was none.
func statusOf(err error) int {
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}

// codeOf returns the service's word for a refusal, such as NoSuchKey; empty if it gave none.
func codeOf(err error) string {
	var refusal smithy.APIError
	if errors.As(err, &refusal) {
		return refusal.ErrorCode()
	}
	return ""
}
