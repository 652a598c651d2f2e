package http

import (
	"strings"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/control/http/wire"
)

// maxApplicationStates is how many states there are to ask for.
const maxApplicationStates = 7

func (c *call) createApplication() (any, error) {
	var said wire.CreateApplicationRequest
	if err := wire.Decode(c.body, &said); err != nil {
		return nil, err
	}
	engine, err := engineNamed(said.Type)
	if err != nil {
		return nil, err
	}
	u, err := c.update(&said.ApplicationSettings)
	if err != nil {
		return nil, err
	}
	request := &controlv1.CreateApplicationRequest{Name: said.Name, Engine: engine, ReleaseLabel: said.ReleaseLabel, ClientToken: said.ClientToken, Tags: said.Tags,
		MaximumCapacity: u.GetMaximumCapacity(), AutoStart: u.AutoStart, AutoStop: u.AutoStop, IdleTimeoutMinutes: u.IdleTimeoutMinutes,
		RuntimeConfiguration: u.GetRuntimeConfiguration().GetConfigurations(), Architecture: u.GetArchitecture(),
		InitialCapacity: u.GetInitialCapacity().GetEntries(), Scheduler: u.GetScheduler(), Monitoring: u.GetMonitoring(), Surroundings: u.GetSurroundings()}
	answer, err := c.applications.CreateApplication(c, request)
	if err != nil {
		return nil, err
	}
	a := answer.GetApplication()
	return wire.CreateApplicationResponse{ApplicationID: a.GetApplicationId(), Name: a.GetName(), ARN: a.GetArn()}, nil
}

// engineNamed reads the type of an application. PROCESS is none of this API's.
func engineNamed(name string) (controlv1.Engine, error) {
	switch strings.ToUpper(name) {
	case "SPARK":
		return controlv1.Engine_ENGINE_SPARK, nil
	case "HIVE":
		return controlv1.Engine_ENGINE_HIVE, nil
	}
	return 0, errs.Field("type", "%.60q is neither SPARK nor HIVE", name)
}

func (c *call) updateApplication() (any, error) {
	var said wire.UpdateApplicationRequest
	if err := wire.Decode(c.body, &said); err != nil {
		return nil, err
	}
	request, err := c.update(&said.ApplicationSettings)
	if err != nil {
		return nil, err
	}
	request.ApplicationId, request.ClientToken, request.ReleaseLabel = c.application, said.ClientToken, said.ReleaseLabel
	answer, err := c.applications.UpdateApplication(c, request)
	if err != nil {
		return nil, err
	}
	return wire.ApplicationResponse{Application: application(answer.GetApplication())}, nil
}

func (c *call) getApplication() (any, error) {
	answer, err := c.applications.GetApplication(c, &controlv1.GetApplicationRequest{ApplicationId: c.application})
	if err != nil {
		return nil, err
	}
	return wire.ApplicationResponse{Application: application(answer.GetApplication())}, nil
}

func (c *call) listApplications() (any, error) {
	most, token, err := c.page()
	if err != nil {
		return nil, err
	}
	states, err := c.list("states", 0, maxApplicationStates)
	if err != nil {
		return nil, err
	}
	answer, err := c.applications.ListApplications(c, &controlv1.ListApplicationsRequest{MaxResults: most, NextToken: token, States: states})
	if err != nil {
		return nil, err
	}
	page := wire.ListApplicationsResponse{Applications: []wire.ApplicationSummary{}, NextToken: answer.GetNextToken()}
	for _, a := range answer.GetApplications() {
		page.Applications = append(page.Applications, applicationSummary(a))
	}
	return page, nil
}

func (c *call) startApplication() (any, error) {
	_, err := c.applications.StartApplication(c, &controlv1.StartApplicationRequest{ApplicationId: c.application})
	return nil, err
}

func (c *call) stopApplication() (any, error) {
	_, err := c.applications.StopApplication(c, &controlv1.StopApplicationRequest{ApplicationId: c.application})
	return nil, err
}

func (c *call) deleteApplication() (any, error) {
	_, err := c.applications.DeleteApplication(c, &controlv1.DeleteApplicationRequest{ApplicationId: c.application})
	return nil, err
}
