package routing

import (
	"context"

	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/internal/logging"
)

// about returns a context with which messages say which run and worker a request names.
func about(ctx context.Context, req any) context.Context {
	if r, ok := req.(interface{ GetJobRunId() string }); ok && ident.Valid(r.GetJobRunId()) {
		ctx = logging.With(ctx, logging.Run, r.GetJobRunId())
	}
	if r, ok := req.(interface{ GetWorkerId() string }); ok && ident.Valid(r.GetWorkerId()) {
		ctx = logging.With(ctx, logging.Worker, r.GetWorkerId())
	}
	return ctx
}
