package command_test

import (
	"maps"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/spec"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

// The words in which tests say what users say.

// create makes a PROCESS application that neither starts nor stops by itself; changes may make it another.
func create(id string, changes ...func(*specv1.Application)) *command.CreateApplication {
	decided := specv1.Application_builder{
		Name:      &id,
		Engine:    new(specv1.Engine_ENGINE_PROCESS),
		AutoStart: specv1.AutoStart_builder{Enabled: new(false)}.Build(),
		AutoStop:  specv1.AutoStop_builder{Enabled: new(false)}.Build(),
	}.Build()
	return &command.CreateApplication{Spec: changed(decided, changes), CreatedBy: "ann", Operator: true}
}

// update makes the same changes to an application that is there.
func update(id string, changes ...func(*specv1.Application)) *command.UpdateApplication {
	return &command.UpdateApplication{
		ApplicationID: id,
		Change: func(was *specv1.Application) (*specv1.Application, error) {
			return changed(proto.CloneOf(was), changes), nil
		},
		Operator: true,
	}
}

func changed(decided *specv1.Application, changes []func(*specv1.Application)) *specv1.Application {
	for _, change := range changes {
		change(decided)
	}
	return spec.DefaultApplication(decided)
}

// auto has submissions start the application.
func auto(a *specv1.Application) {
	a.SetAutoStart(specv1.AutoStart_builder{Enabled: new(true)}.Build())
}

// idle has it stop after so many minutes without work.
func idle(minutes int64) func(*specv1.Application) {
	return func(a *specv1.Application) {
		a.SetAutoStop(specv1.AutoStop_builder{Enabled: new(true), IdleTimeoutMinutes: &minutes}.Build())
	}
}

// engine gives it another engine, on a release.
func engine(is state.Engine, release string) func(*specv1.Application) {
	return func(a *specv1.Application) {
		a.SetEngine(specv1.Engine(is))
		a.SetReleaseLabel(release)
	}
}

// limited gives it a maximum capacity.
func limited(cpu, memory, disk int64) func(*specv1.Application) {
	maximum := gib(cpu, memory, disk)
	return func(a *specv1.Application) {
		a.SetMaximumCapacity(specv1.MaximumCapacity_builder{
			MilliCpu:  &maximum.MilliCPU,
			MemoryMib: &maximum.MemoryMiB,
			DiskMib:   &maximum.DiskMiB,
		}.Build())
	}
}

// bounded gives it a queue: so many places, and so many minutes to wait for one.
func bounded(runs uint32, minutes int64) func(*specv1.Application) {
	return func(a *specv1.Application) {
		a.SetScheduler(specv1.Scheduler_builder{MaxConcurrentRuns: &runs, QueueTimeoutMinutes: &minutes}.Build())
	}
}

// holding has it hold workers of a type ready, beside those of other types; none for a count of 0.
func holding(name string, count uint32, size state.Size) func(*specv1.Application) {
	return func(a *specv1.Application) {
		all := map[string]*specv1.InitialCapacity{}
		maps.Copy(all, a.GetInitialCapacity())
		if count > 0 {
			all[name] = specv1.InitialCapacity_builder{
				WorkerCount: new(int64(count)),
				WorkerSize: specv1.WorkerSize_builder{
					MilliCpu:  &size.MilliCPU,
					MemoryMib: &size.MemoryMiB,
					DiskMib:   &size.DiskMiB,
					DiskType:  new(specv1.DiskType(size.Disk)),
				}.Build(),
			}.Build()
		}
		a.SetInitialCapacity(all)
	}
}

// inheriting gives it settings that its runs inherit.
func inheriting(configuration ...*specv1.Configuration) func(*specv1.Application) {
	return func(a *specv1.Application) { a.SetRuntimeConfiguration(configuration) }
}

// logging sends the logs of its runs to a place.
func logging(uri string) func(*specv1.Application) {
	return func(a *specv1.Application) {
		s3 := specv1.S3Monitoring_builder{LogUri: &uri}.Build()
		a.SetMonitoring(specv1.Monitoring_builder{S3: s3}.Build())
	}
}

// labelled gives it tags.
func labelled(tags map[string]string) func(*specv1.Application) {
	return func(a *specv1.Application) { a.SetTags(tags) }
}

// site is a configuration with one classification.
func site(classification string, properties map[string]string) *specv1.Configuration {
	return specv1.Configuration_builder{Classification: &classification, Properties: properties}.Build()
}

// submit makes a run of app with tasks; a driver and each task hold 1 vCPU, 2 GB and 20 GB disk. Changes may make it
// another.
func submit(id string, tasks uint32, changes ...func(*command.StartJobRun)) *command.StartJobRun {
	c := &command.StartJobRun{
		ApplicationID: "app",
		Spec: specv1.JobRun_builder{
			Name: &id,
			Driver: specv1.JobDriver_builder{
				Process: specv1.Process_builder{Command: []string{"work"}, Tasks: &tasks}.Build(),
			}.Build(),
		}.Build(),
		CreatedBy: "ann",
	}
	for _, change := range changes {
		change(c)
	}
	c.Spec = spec.DefaultJobRun(c.Spec)
	return c
}

// in submits to another application.
func in(application string) func(*command.StartJobRun) {
	return func(c *command.StartJobRun) { c.ApplicationID = application }
}

// program gives a run another program.
func program(driver *specv1.JobDriver) func(*command.StartJobRun) {
	return func(c *command.StartJobRun) { c.Spec.SetDriver(driver) }
}

func sparkDriver(parameters string) *specv1.JobDriver {
	submit := specv1.SparkSubmit_builder{EntryPoint: new("file:///x.py")}
	if parameters != "" {
		submit.SparkSubmitParameters = &parameters
	}
	return specv1.JobDriver_builder{SparkSubmit: submit.Build()}.Build()
}

func hiveDriver(parameters string) *specv1.JobDriver {
	query := specv1.Hive_builder{Query: new("s3://b/q.sql")}
	if parameters != "" {
		query.Parameters = &parameters
	}
	return specv1.JobDriver_builder{Hive: query.Build()}.Build()
}

// taskSize has each task hold something else.
func taskSize(cpu, memory, disk int64) func(*command.StartJobRun) {
	each := gib(cpu, memory, disk)
	return func(c *command.StartJobRun) {
		c.Spec.GetDriver().GetProcess().SetTaskSize(specv1.ProcessSize_builder{
			MilliCpu:  &each.MilliCPU,
			MemoryMib: &each.MemoryMiB,
			DiskMib:   &each.DiskMiB,
		}.Build())
	}
}

// taskRetries has each task start again so many times.
func taskRetries(n uint32) func(*command.StartJobRun) {
	return func(c *command.StartJobRun) { c.Spec.GetDriver().GetProcess().SetTaskRetries(n) }
}

// attempts lets a batch run be tried so many times.
func attempts(limit uint32) func(*command.StartJobRun) {
	return func(c *command.StartJobRun) {
		c.Spec.SetRetryPolicy(specv1.RetryPolicy_builder{MaxAttempts: &limit}.Build())
	}
}

// streaming makes it a stream that stops when so many attempts failed within an hour.
func streaming(failures uint32) func(*command.StartJobRun) {
	return func(c *command.StartJobRun) {
		c.Spec.SetMode(specv1.JobRunMode_JOB_RUN_MODE_STREAMING)
		c.Spec.SetRetryPolicy(specv1.RetryPolicy_builder{MaxFailedAttemptsPerHour: &failures}.Build())
	}
}

// timeout bounds how long it may run.
func timeout(minutes int64) func(*command.StartJobRun) {
	return func(c *command.StartJobRun) { c.Spec.SetExecutionTimeoutMinutes(minutes) }
}

// keep has its workers go on where the lease has ended.
func keep(c *command.StartJobRun) { c.Spec.SetOnDisconnect(specv1.OnDisconnect_ON_DISCONNECT_KEEP) }

// own gives a run settings of its own.
func own(configuration ...*specv1.Configuration) func(*command.StartJobRun) {
	return func(c *command.StartJobRun) {
		overrides := specv1.ConfigurationOverrides_builder{ApplicationConfiguration: configuration}
		c.Spec.SetConfigurationOverrides(overrides.Build())
	}
}

// tagged gives a run tags.
func tagged(tags map[string]string) func(*command.StartJobRun) {
	return func(c *command.StartJobRun) { c.Spec.SetTags(tags) }
}
