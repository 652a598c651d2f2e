package http

import (
	"slices"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec/codec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// There are no sessions yet: a call that starts one is refused and says so, and a call that looks for one finds none.

var sessionStates = []string{"SUBMITTED", "STARTING", "STARTED", "IDLE", "BUSY", "FAILED", "TERMINATING", "TERMINATED"}

func (c *call) startSession() (*codec.Node, error) {
	said, err := c.read("clientToken", "executionRoleArn")
	if err != nil {
		return nil, err
	}
	arn, err := said.text("executionRoleArn")
	if err != nil {
		return nil, err
	}
	if err := checkRole(arn); err != nil {
		return nil, err
	}
	if err := c.findApplication(); err != nil {
		return nil, err
	}
	return nil, errs.New(
		errs.Invalid,
		"cannot start a session: interactive sessions are not available on this cluster; submit job runs instead",
	)
}

func (c *call) listSessions() (*codec.Node, error) {
	_, token, err := c.page()
	if err != nil {
		return nil, err
	}
	if token != "" {
		return nil, errs.Field("nextToken", "it is not one that this list answered: there are no sessions")
	}
	states, err := c.list("states", 0, len(sessionStates))
	if err != nil {
		return nil, err
	}
	for _, s := range states {
		if !slices.Contains(sessionStates, s) {
			return nil, errs.Field("states", "%.60q is none of %s", s, strings.Join(sessionStates, ", "))
		}
	}
	if _, _, err := c.created(); err != nil {
		return nil, err
	}
	if err := c.findApplication(); err != nil {
		return nil, err
	}
	return pageOf("sessions", nil, ""), nil
}

// noSession answers what is asked of one session.
func (c *call) noSession() (*codec.Node, error) {
	if err := c.findApplication(); err != nil {
		return nil, err
	}
	return nil, errs.New(errs.NotFound, "there is no session %q in application %q", c.session, c.application)
}

// getResourceDashboard answers for sessions, which are the only resources that have such a dashboard.
func (c *call) getResourceDashboard() (*codec.Node, error) {
	if kind := c.query.Get("resourceType"); kind != "SESSION" {
		return nil, errs.Field("resourceType", "%.60q is not SESSION", kind)
	}
	c.session = c.query.Get("resourceId")
	if err := checkID("resourceId", c.session); err != nil {
		return nil, err
	}
	if err := c.flag("accessSystemProfileLogs"); err != nil {
		return nil, err
	}
	return c.noSession()
}

// findApplication holds that there is the application.
func (c *call) findApplication() error {
	_, err := c.applications.GetApplication(c, &controlv1.GetApplicationRequest{ApplicationId: c.application})
	return err
}
