package control

import (
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/command"
)

// applications implements ApplicationService.
type applications struct {
	controlv1.UnimplementedApplicationServiceServer
	*Control
}

// CreateApplication creates an application.
func (a *applications) CreateApplication(ctx context.Context, r *controlv1.CreateApplicationRequest) (*controlv1.CreateApplicationResponse, error) {
	spec, err := specOf(r)
	if err != nil {
		return nil, err
	}
	id, err := request(ctx, "CreateApplication", r.GetClientToken(), r)
	if err != nil {
		return nil, err
	}
	create := &command.CreateApplication{Request: id, Spec: spec, CreatedBy: caller(ctx)}
	view, _, err := a.execute(ctx, create.Decide)
	if err != nil {
		return nil, err
	}
	return &controlv1.CreateApplicationResponse{Application: application(view, view.Application(create.ApplicationID))}, nil
}

// GetApplication returns one application.
func (a *applications) GetApplication(ctx context.Context, r *controlv1.GetApplicationRequest) (*controlv1.GetApplicationResponse, error) {
	view, err := a.read(ctx, r.GetStale())
	if err != nil {
		return nil, err
	}
	row := command.FindApplication(view, now(), a.cfg.Limits, r.GetApplicationId())
	if row == nil {
		return nil, errs.New(errs.NotFound, "there is no application %q", r.GetApplicationId())
	}
	return &controlv1.GetApplicationResponse{Application: application(view, row), Record: view.Sequence}, nil
}

// ListApplications returns applications, oldest first.
func (a *applications) ListApplications(ctx context.Context, r *controlv1.ListApplicationsRequest) (*controlv1.ListApplicationsResponse, error) {
	most, err := limit(r.GetMaxResults(), 50)
	if err != nil {
		return nil, err
	}
	after, err := pageAfter(r.GetNextToken())
	if err != nil {
		return nil, err
	}
	view, err := a.read(ctx, r.GetStale())
	if err != nil {
		return nil, err
	}
	rows, next := page(view.Applications(after), most,
		func(row *state.Application) bool { return wantedState(r.GetStates(), row.State) },
		func(row *state.Application) string { return row.ID },
		func(row *state.Application) *controlv1.Application { return application(view, row) })
	return &controlv1.ListApplicationsResponse{Applications: rows, NextToken: next, Record: view.Sequence}, nil
}

func wantedState(states []string, is state.ApplicationState) bool {
	if len(states) == 0 {
		return is != state.ApplicationTerminated
	}
	return slices.Contains(states, is.String())
}

// StartApplication makes an application ready for work.
func (a *applications) StartApplication(ctx context.Context, r *controlv1.StartApplicationRequest) (*controlv1.StartApplicationResponse, error) {
	view, _, err := a.execute(ctx, (&command.StartApplication{ApplicationID: r.GetApplicationId()}).Decide)
	if err != nil {
		return nil, err
	}
	return &controlv1.StartApplicationResponse{Application: application(view, view.Application(r.GetApplicationId()))}, nil
}

// StopApplication releases what an application holds.
func (a *applications) StopApplication(ctx context.Context, r *controlv1.StopApplicationRequest) (*controlv1.StopApplicationResponse, error) {
	view, _, err := a.execute(ctx, (&command.StopApplication{ApplicationID: r.GetApplicationId(), Force: r.GetForce()}).Decide)
	if err != nil {
		return nil, err
	}
	return &controlv1.StopApplicationResponse{Application: application(view, view.Application(r.GetApplicationId()))}, nil
}

// DeleteApplication ends an application.
func (a *applications) DeleteApplication(ctx context.Context, r *controlv1.DeleteApplicationRequest) (*controlv1.DeleteApplicationResponse, error) {
	_, _, err := a.execute(ctx, (&command.DeleteApplication{ApplicationID: r.GetApplicationId()}).Decide)
	return &controlv1.DeleteApplicationResponse{}, err
}

// maxIdleTimeout is a week, in minutes.
const maxIdleTimeout = 10080

var applicationName = regexp.MustCompile(`^[A-Za-z0-9._/#-]{1,64}$`)

// specOf checks the shape of what a user decides about an application.
func specOf(r *controlv1.CreateApplicationRequest) (state.Application, error) {
	spec := state.Application{Name: r.GetName(), Engine: state.Engine(r.GetEngine()), Release: r.GetReleaseLabel(), Limit: vectorOf(r.GetMaximumCapacity()),
		AutoStart: true, IdleTimeout: 15 * time.Minute, Weight: 1, Configuration: configurationsOf(r.GetRuntimeConfiguration()), Tags: r.GetTags(),
		Architecture: r.GetArchitecture()}
	if r.AutoStart != nil {
		spec.AutoStart = r.GetAutoStart()
	}
	if minutes := r.GetIdleTimeoutMinutes(); minutes < 0 || minutes > maxIdleTimeout {
		return spec, errs.Field("idle_timeout_minutes", "%d is not between 0 and %d", minutes, maxIdleTimeout)
	}
	if r.IdleTimeoutMinutes != nil {
		spec.IdleTimeout = time.Duration(r.GetIdleTimeoutMinutes()) * time.Minute
	}
	if r.Weight != nil {
		spec.Weight = r.GetWeight()
	}
	if spec.Architecture == "" {
		spec.Architecture = "X86_64"
	}
	if spec.Engine == state.EngineProcess && spec.Release == "" {
		spec.Release = command.ProcessRelease
	}
	return spec, checkSpec(spec)
}

func checkSpec(spec state.Application) error {
	switch {
	case spec.Name != "" && !applicationName.MatchString(spec.Name):
		return errs.Field("name", "%q is not 1 to 64 of A-Z a-z 0-9 . _ / # -", spec.Name)
	case spec.Engine < state.EngineSpark || spec.Engine > state.EngineProcess:
		return errs.Field("engine", "an application needs an engine: SPARK, HIVE or PROCESS")
	case spec.Release == "":
		return errs.Field("release_label", "an application of engine %s needs a release such as emr-7.2.0", spec.Engine)
	case spec.Weight < 1 || spec.Weight > 1000:
		return errs.Field("weight", "%d is not between 1 and 1000", spec.Weight)
	case spec.Limit.MilliCPU < 0 || spec.Limit.MemoryMiB < 0 || spec.Limit.DiskMiB < 0:
		return errs.Field("maximum_capacity", "%s: no part can be negative", spec.Limit)
	case spec.Architecture != "X86_64" && spec.Architecture != "ARM64":
		return errs.Field("architecture", "%q is neither X86_64 nor ARM64", spec.Architecture)
	}
	if err := checkConfigurations("runtime_configuration", spec.Configuration, 0); err != nil {
		return err
	}
	return checkTags(spec.Tags)
}
