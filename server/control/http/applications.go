package http

import (
	"github.com/headrace/headrace/internal/spec/codec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// maxApplicationStates is how many states there are to ask for.
const maxApplicationStates = 7

func (c *call) createApplication() (*codec.Node, error) {
	request, err := c.creation()
	if err != nil {
		return nil, err
	}
	answer, err := c.applications.CreateApplication(c, request)
	if err != nil {
		return nil, err
	}
	a := answer.GetApplication()
	var m object
	m.text("applicationId", a.GetApplicationId())
	m.some("name", a.GetSpec().GetName())
	m.text("arn", a.GetArn())
	return m.node(), nil
}

func (c *call) updateApplication() (*codec.Node, error) {
	request, err := c.update()
	if err != nil {
		return nil, err
	}
	answer, err := c.applications.UpdateApplication(c, request)
	if err != nil {
		return nil, err
	}
	return applicationAnswer(answer.GetApplication()), nil
}

func applicationAnswer(a *controlv1.Application) *codec.Node {
	var m object
	m.add("application", application(a))
	return m.node()
}

func (c *call) getApplication() (*codec.Node, error) {
	answer, err := c.applications.GetApplication(c, &controlv1.GetApplicationRequest{ApplicationId: c.application})
	if err != nil {
		return nil, err
	}
	return applicationAnswer(answer.GetApplication()), nil
}

func (c *call) listApplications() (*codec.Node, error) {
	wanted, token, err := c.page()
	if err != nil {
		return nil, err
	}
	states, err := c.list("states", 0, maxApplicationStates)
	if err != nil {
		return nil, err
	}
	answer, err := c.applications.ListApplications(c, &controlv1.ListApplicationsRequest{
		MaxResults: wanted,
		NextToken:  token,
		States:     states,
	})
	if err != nil {
		return nil, err
	}
	var all []*codec.Node
	for _, a := range answer.GetApplications() {
		all = append(all, applicationSummary(a))
	}
	return pageOf("applications", all, answer.GetNextToken()), nil
}

func (c *call) startApplication() (*codec.Node, error) {
	_, err := c.applications.StartApplication(c, &controlv1.StartApplicationRequest{ApplicationId: c.application})
	return nil, err
}

func (c *call) stopApplication() (*codec.Node, error) {
	_, err := c.applications.StopApplication(c, &controlv1.StopApplicationRequest{ApplicationId: c.application})
	return nil, err
}

func (c *call) deleteApplication() (*codec.Node, error) {
	_, err := c.applications.DeleteApplication(c, &controlv1.DeleteApplicationRequest{ApplicationId: c.application})
	return nil, err
}
