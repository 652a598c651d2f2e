package wire

// StartJobRunRequest is a submission.
type StartJobRunRequest struct {
	ClientToken             string           `json:"clientToken" api:"required"`
	ExecutionRoleARN        string           `json:"executionRoleArn" api:"required"`
	ExecutionPolicy         *ExecutionPolicy `json:"executionIamPolicy"`
	Driver                  *JobDriver       `json:"jobDriver" api:"required"`
	Overrides               *Overrides       `json:"configurationOverrides"`
	Tags                    Tags             `json:"tags" api:"blank"`
	ExecutionTimeoutMinutes *int64           `json:"executionTimeoutMinutes" api:"min=0"`
	Name                    string           `json:"name"`
	Mode                    string           `json:"mode"`
	RetryPolicy             *RetryPolicy     `json:"retryPolicy"`
}

// StartJobRunResponse is the accepted run.
type StartJobRunResponse struct {
	ApplicationID string `json:"applicationId"`
	JobRunID      string `json:"jobRunId"`
	ARN           string `json:"arn"`
}

// CancelJobRunResponse is the run that is cancelled.
type CancelJobRunResponse struct {
	ApplicationID string `json:"applicationId"`
	JobRunID      string `json:"jobRunId"`
}

// ExecutionPolicy bounds what a run's identity may do.
type ExecutionPolicy struct {
	Policy string   `json:"policy,omitempty"`
	ARNs   []string `json:"policyArns,omitempty"`
}

// JobDriver is a program: exactly one member is there. Process is in answers only, for runs that the original does not know.
type JobDriver struct {
	SparkSubmit *SparkSubmit `json:"sparkSubmit,omitempty"`
	Hive        *Hive        `json:"hive,omitempty"`
	Process     *Process     `json:"process,omitempty"`
}

// SparkSubmit is the program of a Spark run.
type SparkSubmit struct {
	EntryPoint string   `json:"entryPoint" api:"required"`
	Arguments  []string `json:"entryPointArguments,omitempty" api:"blank"`
	Parameters string   `json:"sparkSubmitParameters,omitempty"`
}

// Hive is the program of a Hive run.
type Hive struct {
	Query         string `json:"query" api:"required"`
	InitQueryFile string `json:"initQueryFile,omitempty"`
	Parameters    string `json:"parameters,omitempty"`
}

// Process is any program.
type Process struct {
	Command []string `json:"command" api:"blank"`
	Tasks   uint32   `json:"tasks,omitempty"`
}

// Overrides are a run's own settings.
type Overrides struct {
	ApplicationConfiguration []Configuration          `json:"applicationConfiguration,omitempty"`
	Monitoring               *MonitoringConfiguration `json:"monitoringConfiguration,omitempty"`
	DiskEncryption           *DiskEncryption          `json:"diskEncryptionConfiguration,omitempty"`
}

// RetryPolicy says when a failed run is tried again.
type RetryPolicy struct {
	MaxAttempts              *int32 `json:"maxAttempts,omitempty" api:"min=1"`
	MaxFailedAttemptsPerHour *int32 `json:"maxFailedAttemptsPerHour,omitempty" api:"min=1"`
}

// GetJobRunResponse is a run.
type GetJobRunResponse struct {
	JobRun JobRun `json:"jobRun"`
}

// JobRun is a run in full.
type JobRun struct {
	ApplicationID           string           `json:"applicationId"`
	JobRunID                string           `json:"jobRunId"`
	Name                    string           `json:"name,omitempty"`
	ARN                     string           `json:"arn"`
	CreatedBy               string           `json:"createdBy"`
	CreatedAt               Seconds          `json:"createdAt"`
	UpdatedAt               Seconds          `json:"updatedAt"`
	ExecutionRole           string           `json:"executionRole"`
	ExecutionPolicy         *ExecutionPolicy `json:"executionIamPolicy,omitempty"`
	State                   string           `json:"state"`
	StateDetails            string           `json:"stateDetails"`
	ReleaseLabel            string           `json:"releaseLabel"`
	Overrides               *Overrides       `json:"configurationOverrides,omitempty"`
	Driver                  JobDriver        `json:"jobDriver"`
	Tags                    Tags             `json:"tags"`
	TotalUtilization        *Utilization     `json:"totalResourceUtilization,omitempty"`
	BilledUtilization       *Utilization     `json:"billedResourceUtilization,omitempty"`
	ExecutionSeconds        *int64           `json:"totalExecutionDurationSeconds,omitempty"`
	ExecutionTimeoutMinutes int64            `json:"executionTimeoutMinutes"`
	Mode                    string           `json:"mode"`
	RetryPolicy             *RetryPolicy     `json:"retryPolicy,omitempty"`
	Attempt                 uint32           `json:"attempt"`
	AttemptCreatedAt        *Seconds         `json:"attemptCreatedAt,omitempty"`
	AttemptUpdatedAt        *Seconds         `json:"attemptUpdatedAt,omitempty"`
	StartedAt               *Seconds         `json:"startedAt,omitempty"`
	EndedAt                 *Seconds         `json:"endedAt,omitempty"`
}

// ListJobRunsResponse is a page of runs.
type ListJobRunsResponse struct {
	JobRuns   []JobRunSummary `json:"jobRuns"`
	NextToken string          `json:"nextToken,omitempty"`
}

// JobRunSummary is a run in a list.
type JobRunSummary struct {
	ApplicationID string  `json:"applicationId"`
	ID            string  `json:"id"`
	Name          string  `json:"name,omitempty"`
	Mode          string  `json:"mode"`
	ARN           string  `json:"arn"`
	CreatedBy     string  `json:"createdBy"`
	CreatedAt     Seconds `json:"createdAt"`
	UpdatedAt     Seconds `json:"updatedAt"`
	ExecutionRole string  `json:"executionRole"`
	State         string  `json:"state"`
	StateDetails  string  `json:"stateDetails"`
	ReleaseLabel  string  `json:"releaseLabel"`
	Type          string  `json:"type"`
	Attempt       uint32  `json:"attempt"`
}

// ListJobRunAttemptsResponse is a page of attempts.
type ListJobRunAttemptsResponse struct {
	Attempts  []JobRunAttempt `json:"jobRunAttempts"`
	NextToken string          `json:"nextToken,omitempty"`
}

// JobRunAttempt is one try of a run; its times are its own but for JobCreatedAt.
type JobRunAttempt struct {
	JobRunSummary
	JobCreatedAt Seconds `json:"jobCreatedAt"`
}

// URLResponse is a link.
type URLResponse struct {
	URL string `json:"url"`
}
