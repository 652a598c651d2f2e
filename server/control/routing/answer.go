package routing

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/mask"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/control/privacy"
)

// serve has a call answered here, and hides from the answer what its caller may not read. Every answer goes through it,
// whichever way its call came: what is private is decided where the answer is made, for the caller who came along.
func (r *Router) serve(ctx context.Context, req any, handle grpc.UnaryHandler) (any, error) {
	if err := checkMask(req); err != nil {
		return nil, err
	}
	answer, err := handle(ctx, req)
	if m, is := answer.(proto.Message); is && err == nil {
		r.hide(ctx, caller.Of(ctx), m)
	}
	return answer, err
}

// hide hides from an answer what a caller may not read. An operator may read everything.
func (r *Router) hide(ctx context.Context, who caller.Caller, answer proto.Message) {
	if who.Operator {
		return
	}
	submittedBy := func(run string) string { return r.submittedBy(ctx, run) }
	privacy.Reader{May: who.MayRead, SubmittedBy: submittedBy}.Hide(answer)
}

// submittedBy returns who submitted a job run; empty: this server does not know it.
func (r *Router) submittedBy(ctx context.Context, run string) string {
	view := r.cfg.Door.View()
	if row := view.JobRun(run); row != nil {
		return row.CreatedBy
	}
	if r.cfg.SubmittedBy == nil {
		return ""
	}
	return r.cfg.SubmittedBy(ctx, view, run)
}

// checkMask refuses a request that sends back what was hidden from its caller: it would be taken as a value.
func checkMask(req any) error {
	m, is := req.(proto.Message)
	if !is {
		return nil
	}
	if field := privacy.Masked(m); field != "" {
		return errs.Field(
			field,
			"cannot take %s as a value: it stands for one that was hidden from whoever read it; "+
				"write the value itself, or let those do it who may read it",
			mask.Text,
		)
	}
	return nil
}
