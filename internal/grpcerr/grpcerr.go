package grpcerr

import (
	"context"
	"errors"
	"net/http"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/internal/errs"
)

const domain = "headrace"

// outside is how a kind looks to callers.
type outside struct {
	code  codes.Code // of gRPC
	shape string     // the type of error of the HTTP API
	http  int        // its status
}

// table is the only place where a kind meets a code. Clients of the HTTP API try again at 429 and from 500 on.
var table = map[errs.Kind]outside{
	errs.Internal:     {codes.Internal, "InternalServerException", http.StatusInternalServerError},
	errs.Invalid:      {codes.InvalidArgument, "ValidationException", http.StatusBadRequest},
	errs.NotFound:     {codes.NotFound, "ResourceNotFoundException", http.StatusNotFound},
	errs.Conflict:     {codes.AlreadyExists, "ConflictException", http.StatusConflict},
	errs.WrongState:   {codes.FailedPrecondition, "ValidationException", http.StatusBadRequest},
	errs.TooLarge:     {codes.FailedPrecondition, "ServiceQuotaExceededException", http.StatusPaymentRequired},
	errs.Overloaded:   {codes.ResourceExhausted, "ThrottlingException", http.StatusTooManyRequests},
	errs.Unknown:      {codes.Unknown, "ServiceUnavailableException", http.StatusServiceUnavailable},
	errs.NotLeader:    {codes.FailedPrecondition, "ServiceUnavailableException", http.StatusServiceUnavailable},
	errs.Unavailable:  {codes.Unavailable, "ServiceUnavailableException", http.StatusServiceUnavailable},
	errs.Compacted:    {codes.OutOfRange, "ValidationException", http.StatusBadRequest},
	errs.Unauthorized: {codes.Unauthenticated, "UnrecognizedClientException", http.StatusForbidden},
	errs.Forbidden:    {codes.PermissionDenied, "AccessDeniedException", http.StatusForbidden},
	errs.Refused:      {codes.Aborted, "ServiceUnavailableException", http.StatusServiceUnavailable},
}

// HTTP returns the type of error and the status that a kind has in the HTTP API.
func HTTP(kind errs.Kind) (shape string, status int) { return table[kind].shape, table[kind].http }

// ToStatus returns err as gRPC sends it: code, message, and the kind and field as details. An error without a kind
// keeps its text to itself: the caller logs it.
func ToStatus(err error) error {
	var known *errs.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return statusOf(known)
	case errors.Is(err, context.Canceled):
		return status.Error(codes.Canceled, "the caller went away")
	case errors.Is(err, context.DeadlineExceeded):
		return status.Error(codes.DeadlineExceeded, "the deadline passed before the answer was known")
	}
	if _, ok := status.FromError(err); ok {
		return err
	}
	return status.Error(codes.Internal, "internal error; the server's log has the details")
}

func statusOf(e *errs.Error) error {
	message := e.Error()
	if e.Kind == errs.Internal {
		message = "internal error; the server's log has the details"
	}
	s := status.New(table[e.Kind].code, message)
	info := &errdetails.ErrorInfo{
		Reason:   e.Kind.String(),
		Domain:   domain,
		Metadata: map[string]string{"field": e.Field, "message": e.Message},
	}
	if e.Kind == errs.Internal {
		info.Metadata = nil
	}
	detailed, err := s.WithDetails(info)
	if err != nil {
		return s.Err()
	}
	return detailed.Err()
}

// FromStatus returns what ToStatus was given, as far as the wire carried it. Errors of the transport become
// Unavailable.
func FromStatus(err error) error {
	s, ok := status.FromError(err)
	if !ok || s.Code() == codes.OK {
		return err
	}
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && info.GetDomain() == domain {
			return restored(info, s)
		}
	}
	if s.Code() == codes.Unavailable {
		return errs.New(errs.Unavailable, "cannot reach the server: %s", s.Message())
	}
	return err
}

func restored(info *errdetails.ErrorInfo, s *status.Status) error {
	message := info.GetMetadata()["message"]
	if message == "" {
		message = s.Message()
	}
	return &errs.Error{Kind: errs.KindNamed(info.GetReason()), Field: info.GetMetadata()["field"], Message: message}
}
