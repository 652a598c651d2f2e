package codectest

import (
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Applications returns applications that package spec finds right. Every field is set in one of them.
func Applications() []*specv1.Application {
	var all []*specv1.Application
	for variant := range Variants {
		a := Full(&specv1.Application{}, variant)
		if worker := workers[a.GetEngine()]; worker != "Executor" {
			a.SetInitialCapacity(renamed(a.GetInitialCapacity(), worker))
			a.SetWorkerTypeSpecifications(renamed(a.GetWorkerTypeSpecifications(), worker))
		}
		fit(a.GetMonitoring(), a.GetEngine())
		all = append(all, a)
	}
	return all
}

// workers are the types of workers beside the driver.
var workers = map[specv1.Engine]string{
	specv1.Engine_ENGINE_SPARK:   "Executor",
	specv1.Engine_ENGINE_HIVE:    "TezTask",
	specv1.Engine_ENGINE_PROCESS: "Task",
}

// fit gives a log service types of logs that an engine has.
func fit(m *specv1.Monitoring, engine specv1.Engine) {
	types := m.GetLogService().GetLogTypes()
	switch engine {
	case specv1.Engine_ENGINE_HIVE:
		types = map[string]*specv1.LogTypes{
			"HIVE_DRIVER": types["SPARK_DRIVER"],
			"TEZ_TASK":    types["SPARK_EXECUTOR"],
		}
	case specv1.Engine_ENGINE_PROCESS:
		types = nil
	}
	m.GetLogService().SetLogTypes(types)
}

// engineOf returns the engine of a driver.
func engineOf(d *specv1.JobDriver) specv1.Engine {
	switch {
	case d.HasHive():
		return specv1.Engine_ENGINE_HIVE
	case d.HasProcess():
		return specv1.Engine_ENGINE_PROCESS
	}
	return specv1.Engine_ENGINE_SPARK
}

func renamed[V any](entries map[string]V, worker string) map[string]V {
	entries[worker] = entries["Executor"]
	delete(entries, "Executor")
	return entries
}

// JobRuns returns submissions that package spec finds right. Every field is set in one of them.
func JobRuns() []*specv1.JobRun {
	streaming := Full(&specv1.JobRun{}, 0)
	streaming.SetMode(specv1.JobRunMode_JOB_RUN_MODE_STREAMING)
	streaming.ClearExecutionTimeoutMinutes()
	streaming.GetRetryPolicy().ClearMaxAttempts()
	all := []*specv1.JobRun{streaming}
	for variant := range Variants {
		batch := Full(&specv1.JobRun{}, variant)
		batch.SetMode(specv1.JobRunMode_JOB_RUN_MODE_BATCH)
		batch.GetRetryPolicy().ClearMaxFailedAttemptsPerHour()
		all = append(all, batch)
	}
	for _, r := range all {
		fit(r.GetConfigurationOverrides().GetMonitoring(), engineOf(r.GetDriver()))
	}
	return all
}
