package http

import (
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// creation reads what to create.
func (c *call) creation() (*controlv1.CreateApplicationRequest, error) {
	said, err := c.read("releaseLabel", "type", "clientToken")
	if err != nil {
		return nil, err
	}
	request := &controlv1.CreateApplicationRequest{Spec: &specv1.Application{}}
	if err := said.into(request.GetSpec()); err != nil {
		return nil, err
	}
	if request.GetSpec().GetEngine() == specv1.Engine_ENGINE_PROCESS {
		return nil, errs.Field(
			"type",
			"PROCESS is neither SPARK nor HIVE: this API has no other types; `headrace application create` makes it",
		)
	}
	request.ClientToken, err = said.text("clientToken")
	if err != nil {
		return nil, err
	}
	return request, checkLimits(request.GetSpec())
}

// update reads what to change; what is not there stays as it is.
func (c *call) update() (*controlv1.UpdateApplicationRequest, error) {
	said, err := c.read("clientToken")
	if err != nil {
		return nil, err
	}
	request := &controlv1.UpdateApplicationRequest{ApplicationId: c.application, Spec: &specv1.Application{}}
	if err := said.into(request.GetSpec()); err != nil {
		return nil, err
	}
	request.UpdateMask = &fieldmaskpb.FieldMask{Paths: said.given(request.GetSpec())}
	request.ClientToken, err = said.text("clientToken")
	if err != nil {
		return nil, err
	}
	return request, checkLimits(request.GetSpec())
}

// checkLimits holds that a maximum capacity is whole, as the original wants it: natively a part may be left out.
func checkLimits(decided *specv1.Application) error {
	switch limit := decided.GetMaximumCapacity(); {
	case limit == nil:
		return nil
	case !limit.HasMilliCpu():
		return missing("maximumCapacity.cpu")
	case !limit.HasMemoryMib():
		return missing("maximumCapacity.memory")
	}
	return nil
}
