package control

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/mask"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/control/privacy"
)

// serve has a call answered here, and hides from the answer what its caller may not read. Every answer goes through it, whichever way
// its call came: what is private is decided where the answer is made, for the caller that came along.
func (c *Control) serve(ctx context.Context, req any, handle grpc.UnaryHandler) (any, error) {
	if err := checkMask(req); err != nil {
		return nil, err
	}
	answer, err := handle(ctx, req)
	if m, is := answer.(proto.Message); is && err == nil {
		c.hide(caller.Of(ctx), m)
	}
	return answer, err
}

func (c *Control) hide(who caller.Caller, answer proto.Message) {
	if who.Operator {
		return // who may read everything; most answers end here, or at their first message
	}
	privacy.Reader{May: who.MayRead, SubmittedBy: c.submittedBy}.Hide(answer)
}

// submittedBy returns who submitted a job run; empty: this server does not know it.
func (c *Control) submittedBy(run string) string {
	if row := c.cfg.Door.View().JobRun(run); row != nil {
		return row.CreatedBy
	}
	return ""
}

// checkMask refuses what was hidden from somebody who sends it back: it would be taken for a value.
func checkMask(req any) error {
	m, is := req.(proto.Message)
	if !is {
		return nil
	}
	if field := privacy.Masked(m); field != "" {
		return errs.Field(field, "cannot take %s as a value: it stands for one that was hidden from whoever read it; write the value itself, or let those do it who may read it", mask.Text)
	}
	return nil
}

// mayRead holds that a caller may read what belongs to a job run; what says what that is, such as: read the logs of job run %s.
func mayRead(ctx context.Context, run *state.JobRun, what string) error {
	if who := caller.Of(ctx); !who.MayRead(run.CreatedBy) {
		return errs.New(errs.Forbidden, "cannot %s as %s: %s submitted it, and only that user and operators may", fmt.Sprintf(what, run.ID), who.User, run.CreatedBy)
	}
	return nil
}
