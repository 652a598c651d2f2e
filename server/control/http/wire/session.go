package wire

// StartSessionRequest asks for an interactive session.
type StartSessionRequest struct {
	ClientToken        string            `json:"clientToken" api:"required"`
	ExecutionRoleARN   string            `json:"executionRoleArn" api:"required"`
	Overrides          *SessionOverrides `json:"configurationOverrides"`
	Tags               Tags              `json:"tags" api:"blank"`
	IdleTimeoutMinutes *int64            `json:"idleTimeoutMinutes" api:"min=0"`
	Name               string            `json:"name"`
}

// SessionOverrides are a session's own settings.
type SessionOverrides struct {
	RuntimeConfiguration []Configuration `json:"runtimeConfiguration"`
}

// ListSessionsResponse is a page of sessions.
type ListSessionsResponse struct {
	Sessions  []struct{} `json:"sessions"`
	NextToken string     `json:"nextToken,omitempty"`
}
