package control

import (
	"context"
	"slices"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec"
	"github.com/headrace/headrace/internal/spec/support"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/control/message"
	"github.com/headrace/headrace/server/control/paging"
	"github.com/headrace/headrace/server/control/routing"
	"github.com/headrace/headrace/server/dispatch"
)

// applications implements ApplicationService.
type applications struct {
	controlv1.UnimplementedApplicationServiceServer
	*Control
}

// CreateApplication creates an application.
func (a *applications) CreateApplication(
	ctx context.Context,
	r *controlv1.CreateApplicationRequest,
) (*controlv1.CreateApplicationResponse, error) {
	said := spec.DefaultApplication(r.GetSpec())
	if err := spec.ValidateApplication(said); err != nil {
		return nil, err
	}
	if err := support.Check(said); err != nil {
		return nil, err
	}
	id, err := routing.RequestOf(ctx, "CreateApplication", r.GetClientToken(), r)
	if err != nil {
		return nil, err
	}
	who := caller.Of(ctx)
	create := &command.CreateApplication{Request: id, Spec: said, CreatedBy: who.User, Operator: who.Operator}
	view, _, err := a.execute(ctx, create.Decide)
	if err != nil {
		return nil, err
	}
	return &controlv1.CreateApplicationResponse{
		Application: message.Application(view, view.Application(create.ApplicationID)),
	}, nil
}

// GetApplication returns one application.
func (a *applications) GetApplication(
	ctx context.Context,
	r *controlv1.GetApplicationRequest,
) (*controlv1.GetApplicationResponse, error) {
	view, err := a.router.Read(ctx, r.GetStale())
	if err != nil {
		return nil, err
	}
	row, err := a.findApplication(view, r.GetApplicationId())
	if err != nil {
		return nil, err
	}
	shown := message.Application(view, row)
	a.addWarmth(view, shown)
	return &controlv1.GetApplicationResponse{Application: shown, Record: view.Sequence}, nil
}

// addWarmth adds in how many of the slots without a worker a process waits, or is being warmed. A node is believed of
// its own slots only.
func (a *applications) addWarmth(view *state.View, m *controlv1.Application) {
	for slot := range view.PoolOfApplication(m.GetApplicationId()) {
		warmth := a.cfg.Dispatch.Warmth(slot.Node, slot.ID)
		for _, pool := range m.GetPools() {
			switch {
			case pool.GetWorkerType() != slot.Type.String() || slot.Worker != "":
			case warmth == dispatch.Warm:
				pool.Warm++
			case warmth == dispatch.Warming:
				pool.Rehearsing++
			}
		}
	}
}

// findApplication returns an application of a view. If it was deleted long ago, it is not found any more.
func (c *Control) findApplication(view *state.View, id string) (*state.Application, error) {
	row := command.FindApplication(view, c.now(), c.cfg.Limits, id)
	if row == nil {
		return nil, errs.New(errs.NotFound, "there is no application %q", id)
	}
	return row, nil
}

// ListApplications returns applications, oldest first.
func (a *applications) ListApplications(
	ctx context.Context,
	r *controlv1.ListApplicationsRequest,
) (*controlv1.ListApplicationsResponse, error) {
	page, err := paging.Asked(r, 50)
	if err != nil {
		return nil, err
	}
	after, err := page.ID()
	if err != nil {
		return nil, err
	}
	if err := checkStates(r.GetStates(), state.ApplicationCreating, state.ApplicationTerminated); err != nil {
		return nil, err
	}
	view, err := a.router.Read(ctx, r.GetStale())
	if err != nil {
		return nil, err
	}
	at := a.now()
	rows, next := paging.Cut(
		page,
		view.Applications(after),
		func(row *state.Application) bool {
			return called(r, row) && wantedState(r.GetStates(), row.State) &&
				command.FindApplication(view, at, a.cfg.Limits, row.ID) != nil
		},
		func(row *state.Application) string { return row.ID },
		func(row *state.Application) *controlv1.Application { return message.Application(view, row) },
	)
	return &controlv1.ListApplicationsResponse{Applications: rows, NextToken: next, Record: view.Sequence}, nil
}

// called says whether an application has the name and the id that are wanted.
func called(r *controlv1.ListApplicationsRequest, row *state.Application) bool {
	return strings.HasPrefix(row.ID, r.GetIdPrefix()) && (r.GetName() == "" || r.GetName() == row.Spec.GetName())
}

// wantedState says whether an application is in one of the states; when none is named, whether it is not deleted.
func wantedState(states []string, is state.ApplicationState) bool {
	if len(states) == 0 {
		return is != state.ApplicationTerminated
	}
	return slices.Contains(states, is.String())
}

// StartApplication makes an application ready for work.
func (a *applications) StartApplication(
	ctx context.Context,
	r *controlv1.StartApplicationRequest,
) (*controlv1.StartApplicationResponse, error) {
	start := &command.StartApplication{ApplicationID: r.GetApplicationId(), By: caller.Of(ctx).User}
	view, _, err := a.execute(ctx, start.Decide)
	if err != nil {
		return nil, err
	}
	return &controlv1.StartApplicationResponse{
		Application: message.Application(view, view.Application(r.GetApplicationId())),
	}, nil
}

// maxStopSteps bounds the steps of a stop with force; together they cancel many times the runs that an application can
// have.
const maxStopSteps = 1000

// StopApplication releases what an application holds, in several steps when there are many runs to cancel or slots to
// release.
func (a *applications) StopApplication(
	ctx context.Context,
	r *controlv1.StopApplicationRequest,
) (*controlv1.StopApplicationResponse, error) {
	stop := &command.StopApplication{ApplicationID: r.GetApplicationId(), Force: r.GetForce(), By: caller.Of(ctx).User}
	for range maxStopSteps {
		view, _, err := a.execute(ctx, stop.Decide)
		if err != nil {
			return nil, err
		}
		if !stop.More {
			return &controlv1.StopApplicationResponse{
				Application: message.Application(view, view.Application(r.GetApplicationId())),
			}, nil
		}
	}
	return nil, errs.New(
		errs.Overloaded,
		"cannot stop application %s: runs are submitted faster than they are cancelled; stop submitting and try again",
		r.GetApplicationId(),
	)
}

// UpdateApplication changes an application that rests. The change is made on the newest row, so two updates lose
// nothing.
func (a *applications) UpdateApplication(
	ctx context.Context,
	r *controlv1.UpdateApplicationRequest,
) (*controlv1.UpdateApplicationResponse, error) {
	id, err := routing.RequestOf(ctx, "UpdateApplication", r.GetClientToken(), r)
	if err != nil {
		return nil, err
	}
	id.Scope = r.GetApplicationId()
	if err := a.checkUpdate(r); err != nil {
		return nil, err
	}
	update := &command.UpdateApplication{
		Request:       id,
		ApplicationID: r.GetApplicationId(),
		By:            caller.Of(ctx).User,
		Operator:      caller.Of(ctx).Operator,
		Change:        func(old *specv1.Application) (*specv1.Application, error) { return changed(old, r) },
	}
	view, _, err := a.execute(ctx, update.Decide)
	if err != nil {
		return nil, err
	}
	return &controlv1.UpdateApplicationResponse{
		Application: message.Application(view, view.Application(r.GetApplicationId())),
	}, nil
}

// checkUpdate reads an update before it comes to the door, where everybody would wait for it, of any view: what is
// wrong with the update alone is wrong in all of them.
func (a *applications) checkUpdate(r *controlv1.UpdateApplicationRequest) error {
	row := a.cfg.Door.View().Application(r.GetApplicationId())
	if row == nil {
		return nil // the decision says so
	}
	_, err := changed(row.Spec, r)
	return err
}

// changed returns what an application's users decide after an update.
func changed(old *specv1.Application, r *controlv1.UpdateApplicationRequest) (*specv1.Application, error) {
	after, err := spec.Replace(old, r.GetSpec(), r.GetUpdateMask().GetPaths())
	if err != nil {
		return nil, err
	}
	if err := spec.ValidateApplication(after); err != nil {
		return nil, err
	}
	return after, support.Check(after)
}

// DeleteApplication ends an application.
func (a *applications) DeleteApplication(
	ctx context.Context,
	r *controlv1.DeleteApplicationRequest,
) (*controlv1.DeleteApplicationResponse, error) {
	remove := &command.DeleteApplication{ApplicationID: r.GetApplicationId(), By: caller.Of(ctx).User}
	_, _, err := a.execute(ctx, remove.Decide)
	return &controlv1.DeleteApplicationResponse{}, err
}
