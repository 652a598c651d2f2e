package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"gopkg.in/yaml.v3"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// JobRun is the spec of a job run.
type JobRun struct {
	JobDriver               JobDriver         `yaml:"jobDriver,omitempty"`
	ExecutionRoleArn        string            `yaml:"executionRoleArn,omitempty"`
	ConfigurationOverrides  *Overrides        `yaml:"configurationOverrides,omitempty"`
	RetryPolicy             *RetryPolicy      `yaml:"retryPolicy,omitempty"`
	Mode                    string            `yaml:"mode,omitempty"`
	ExecutionTimeoutMinutes *int64            `yaml:"executionTimeoutMinutes,omitempty"`
	OnDisconnect            string            `yaml:"onDisconnect,omitempty"`
	Tags                    map[string]string `yaml:"tags,omitempty"`
}

// JobDriver is the program; exactly one of its fields is given.
type JobDriver struct {
	SparkSubmit *SparkSubmit `yaml:"sparkSubmit,omitempty"`
	Hive        *Hive        `yaml:"hive,omitempty"`
	Process     *Process     `yaml:"process,omitempty"`
}

// SparkSubmit is the program of a Spark run.
type SparkSubmit struct {
	EntryPoint            string   `yaml:"entryPoint,omitempty"`
	EntryPointArguments   []string `yaml:"entryPointArguments,omitempty"`
	SparkSubmitParameters string   `yaml:"sparkSubmitParameters,omitempty"`
}

// Hive is the program of a Hive run.
type Hive struct {
	Query         string `yaml:"query,omitempty"`
	InitQueryFile string `yaml:"initQueryFile,omitempty"`
	Parameters    string `yaml:"parameters,omitempty"`
}

// Process is the program of a PROCESS run.
type Process struct {
	Command     []string          `yaml:"command,omitempty"`
	TaskCommand []string          `yaml:"taskCommand,omitempty"`
	Tasks       uint32            `yaml:"tasks,omitempty"`
	TaskRetries uint32            `yaml:"taskRetries,omitempty"`
	Environment map[string]string `yaml:"environment,omitempty"`
	DriverSize  *Capacity         `yaml:"driverSize,omitempty"`
	TaskSize    *Capacity         `yaml:"taskSize,omitempty"`
}

// Overrides are the settings of one run.
type Overrides struct {
	ApplicationConfiguration []Configuration `yaml:"applicationConfiguration,omitempty"`
	Monitoring               *Monitoring     `yaml:"monitoringConfiguration,omitempty"`
}

// RetryPolicy says when a failed run is tried again.
type RetryPolicy struct {
	MaxAttempts              uint32 `yaml:"maxAttempts,omitempty"`
	MaxFailedAttemptsPerHour uint32 `yaml:"maxFailedAttemptsPerHour,omitempty"`
}

// check returns what is wrong with a spec that was decoded without problems.
func (r *JobRun) check() map[string]string {
	wrong := map[string]string{}
	given := 0
	for _, there := range []bool{r.JobDriver.SparkSubmit != nil, r.JobDriver.Hive != nil, r.JobDriver.Process != nil} {
		if there {
			given++
		}
	}
	if given != 1 {
		wrong["jobDriver"] = "cannot be without exactly one of sparkSubmit, hive and process"
	}
	if r.ConfigurationOverrides != nil {
		repeatedIn(wrong, "configurationOverrides.applicationConfiguration", r.ConfigurationOverrides.ApplicationConfiguration)
	}
	return wrong
}

// Start returns the request that submits the run to an application.
func (r *JobRun) Start(application, name, token string) *controlv1.StartJobRunRequest {
	request := &controlv1.StartJobRunRequest{ApplicationId: application, Name: name, ClientToken: token, ExecutionRole: r.ExecutionRoleArn,
		Mode: strings.ToUpper(r.Mode), ExecutionTimeoutMinutes: r.ExecutionTimeoutMinutes, OnDisconnect: strings.ToUpper(r.OnDisconnect), Tags: r.Tags}
	if r.RetryPolicy != nil {
		request.RetryPolicy = &controlv1.RetryPolicy{MaxAttempts: r.RetryPolicy.MaxAttempts, MaxFailedAttemptsPerHour: r.RetryPolicy.MaxFailedAttemptsPerHour}
	}
	if o := r.ConfigurationOverrides; o != nil {
		request.Configuration, request.Monitoring = configurations(o.ApplicationConfiguration), o.Monitoring.message()
	}
	r.JobDriver.set(request)
	return request
}

func (d JobDriver) set(request *controlv1.StartJobRunRequest) {
	switch {
	case d.SparkSubmit != nil:
		request.Driver = &controlv1.StartJobRunRequest_SparkSubmit{SparkSubmit: &controlv1.SparkSubmit{EntryPoint: d.SparkSubmit.EntryPoint,
			EntryPointArguments: d.SparkSubmit.EntryPointArguments, SparkSubmitParameters: d.SparkSubmit.SparkSubmitParameters}}
	case d.Hive != nil:
		request.Driver = &controlv1.StartJobRunRequest_Hive{Hive: &controlv1.Hive{Query: d.Hive.Query, InitQueryFile: d.Hive.InitQueryFile, Parameters: d.Hive.Parameters}}
	case d.Process != nil:
		p := d.Process
		request.Driver = &controlv1.StartJobRunRequest_Process{Process: &controlv1.Process{Command: p.Command, TaskCommand: p.TaskCommand, Tasks: p.Tasks,
			TaskRetries: p.TaskRetries, Environment: p.Environment, DriverSize: p.DriverSize.resources(), TaskSize: p.TaskSize.resources()}}
	}
}

// digest returns a short name for what the spec says: the same content has the same.
func (r *JobRun) digest(more ...string) string {
	text, err := yaml.Marshal(r)
	if err != nil {
		panic("manifest: a job run has no text: " + err.Error()) // shapes hold texts and numbers only
	}
	sum := sha256.Sum256([]byte(strings.Join(append(more, string(text)), "\x00")))
	return hex.EncodeToString(sum[:8])
}
