package attack

import (
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// applicationSpec is an application; what is empty is left out.
func applicationSpec(name string, engine specv1.Engine, release string) *specv1.Application {
	spec := specv1.Application_builder{Engine: &engine}.Build()
	if name != "" {
		spec.SetName(name)
	}
	if release != "" {
		spec.SetReleaseLabel(release)
	}
	return spec
}

// processSpec is an application of programs.
func processSpec(name string) *specv1.Application {
	return applicationSpec(name, specv1.Engine_ENGINE_PROCESS, "")
}

// processRun is a run of a program.
func processRun(program *specv1.Process) *specv1.JobRun {
	return specv1.JobRun_builder{Driver: specv1.JobDriver_builder{Process: program}.Build()}.Build()
}

// sparkRun is a run of a Spark program; without parameters if they are empty.
func sparkRun(entryPoint, parameters string, args ...string) *specv1.JobRun {
	submit := specv1.SparkSubmit_builder{EntryPoint: &entryPoint, EntryPointArguments: args}.Build()
	if parameters != "" {
		submit.SetSparkSubmitParameters(parameters)
	}
	return specv1.JobRun_builder{Driver: specv1.JobDriver_builder{SparkSubmit: submit}.Build()}.Build()
}

// processSize is what a worker of a program holds.
func processSize(milliCPU, memoryMiB, diskMiB int64) *specv1.ProcessSize {
	return specv1.ProcessSize_builder{MilliCpu: &milliCPU, MemoryMib: &memoryMiB, DiskMib: &diskMiB}.Build()
}

// logsTo is monitoring that sends logs to a place.
func logsTo(uri string) *specv1.Monitoring {
	return specv1.Monitoring_builder{S3: specv1.S3Monitoring_builder{LogUri: &uri}.Build()}.Build()
}

// keepsLogs is monitoring that has the servers keep logs.
func keepsLogs() *specv1.Monitoring {
	return specv1.Monitoring_builder{
		ManagedPersistence: specv1.ManagedPersistence_builder{Enabled: new(true)}.Build(),
	}.Build()
}

// monitored has a run send its logs and metrics elsewhere.
func monitored(run *specv1.JobRun, monitoring *specv1.Monitoring) {
	run.SetConfigurationOverrides(specv1.ConfigurationOverrides_builder{Monitoring: monitoring}.Build())
}
