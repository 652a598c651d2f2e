package http

import (
	nethttp "net/http"

	"github.com/headrace/headrace/internal/spec/codec"
)

// operation is one of the API.
type operation struct {
	name   string
	method string
	path   string // with labels in braces
	quota  bool   // it has a type of error for quotas
	answer func(*call) (*codec.Node, error)
}

// operations are all that there are.
var operations = [...]operation{
	{
		name:   "ListApplications",
		method: nethttp.MethodGet,
		path:   "applications",
		answer: (*call).listApplications,
	},
	{
		name:   "CreateApplication",
		method: nethttp.MethodPost,
		path:   "applications",
		answer: (*call).createApplication,
	},
	{
		name:   "GetApplication",
		method: nethttp.MethodGet,
		path:   "applications/{applicationId}",
		answer: (*call).getApplication,
	},
	{
		name:   "UpdateApplication",
		method: nethttp.MethodPatch,
		path:   "applications/{applicationId}",
		answer: (*call).updateApplication,
	},
	{
		name:   "DeleteApplication",
		method: nethttp.MethodDelete,
		path:   "applications/{applicationId}",
		answer: (*call).deleteApplication,
	},
	{
		name:   "StartApplication",
		method: nethttp.MethodPost,
		path:   "applications/{applicationId}/start",
		quota:  true,
		answer: (*call).startApplication,
	},
	{
		name:   "StopApplication",
		method: nethttp.MethodPost,
		path:   "applications/{applicationId}/stop",
		answer: (*call).stopApplication,
	},
	{
		name:   "GetResourceDashboard",
		method: nethttp.MethodGet,
		path:   "applications/{applicationId}/dashboard",
		answer: (*call).getResourceDashboard,
	},

	{
		name:   "ListJobRuns",
		method: nethttp.MethodGet,
		path:   "applications/{applicationId}/jobruns",
		answer: (*call).listJobRuns,
	},
	{
		name:   "StartJobRun",
		method: nethttp.MethodPost,
		path:   "applications/{applicationId}/jobruns",
		answer: (*call).startJobRun,
	},
	{
		name:   "GetJobRun",
		method: nethttp.MethodGet,
		path:   "applications/{applicationId}/jobruns/{jobRunId}",
		answer: (*call).getJobRun,
	},
	{
		name:   "CancelJobRun",
		method: nethttp.MethodDelete,
		path:   "applications/{applicationId}/jobruns/{jobRunId}",
		answer: (*call).cancelJobRun,
	},
	{
		name:   "ListJobRunAttempts",
		method: nethttp.MethodGet,
		path:   "applications/{applicationId}/jobruns/{jobRunId}/attempts",
		answer: (*call).listJobRunAttempts,
	},
	{
		name:   "GetDashboardForJobRun",
		method: nethttp.MethodGet,
		path:   "applications/{applicationId}/jobruns/{jobRunId}/dashboard",
		answer: (*call).getDashboardForJobRun,
	},

	{
		name:   "ListSessions",
		method: nethttp.MethodGet,
		path:   "applications/{applicationId}/sessions",
		answer: (*call).listSessions,
	},
	{
		name:   "StartSession",
		method: nethttp.MethodPost,
		path:   "applications/{applicationId}/sessions",
		quota:  true,
		answer: (*call).startSession,
	},
	{
		name:   "GetSession",
		method: nethttp.MethodGet,
		path:   "applications/{applicationId}/sessions/{sessionId}",
		answer: (*call).noSession,
	},
	{
		name:   "TerminateSession",
		method: nethttp.MethodDelete,
		path:   "applications/{applicationId}/sessions/{sessionId}",
		answer: (*call).noSession,
	},
	{
		name:   "GetSessionEndpoint",
		method: nethttp.MethodGet,
		path:   "applications/{applicationId}/sessions/{sessionId}/endpoint",
		answer: (*call).noSession,
	},

	{
		name:   "ListTagsForResource",
		method: nethttp.MethodGet,
		path:   "tags/{resourceArn}",
		answer: (*call).listTags,
	},
	{
		name:   "TagResource",
		method: nethttp.MethodPost,
		path:   "tags/{resourceArn}",
		answer: (*call).tagResource,
	},
	{
		name:   "UntagResource",
		method: nethttp.MethodDelete,
		path:   "tags/{resourceArn}",
		answer: (*call).untagResource,
	},
}
