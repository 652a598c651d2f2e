package http

import (
	"errors"
	nethttp "net/http"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
)

// typed is an error of the protocol itself, which no kind has.
type typed struct {
	status  int
	kind    string
	message string
}

// Error returns the message.
func (t typed) Error() string { return t.message }

// Refusal returns all of it.
func (t typed) Refusal() (kind string, status int, message string) {
	return t.kind, t.status, t.message
}

// described returns how an error is told: its type, status and message. Details of internal ones are for the log.
func described(err error) (kind string, status int, message string) {
	if own, ok := errors.AsType[Refusal](err); ok {
		return own.Refusal()
	}
	kind, status = grpcerr.HTTP(errs.KindOf(err))
	if status == nethttp.StatusInternalServerError {
		return kind, status, "internal error; the server's log has the details"
	}
	return kind, status, err.Error()
}

// explained turns an error of the native API into one of this API: with the names that the request has.
func (c *call) explained(op *operation, err error) error {
	if code := status.Code(err); code == codes.DeadlineExceeded || code == codes.Canceled {
		return errs.New(errs.Unavailable, "cannot answer within %s; try again", callTime)
	}
	err = grpcerr.FromStatus(err)
	var known *errs.Error
	if !errors.As(err, &known) {
		return err
	}
	told := *known
	told.Field = field(op, known.Field)
	told.Message = inOurWords(op, known.Message)
	if told.Kind == errs.TooLarge && !op.quota {
		told.Kind = errs.Invalid // the operation has no type of error for quotas
	}
	return &told
}
