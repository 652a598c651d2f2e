package spark

import (
	"strings"

	"github.com/headrace/headrace/internal/releases"
)

// Properties that this package reads or sets.
const (
	driverCores    = "spark.driver.cores"
	driverMemory   = "spark.driver.memory"
	executorCores  = "spark.executor.cores"
	executorMemory = "spark.executor.memory"
	instances      = "spark.executor.instances"
	dynamic        = "spark.dynamicAllocation.enabled"
	initial        = "spark.dynamicAllocation.initialExecutors"
	minimum        = "spark.dynamicAllocation.minExecutors"
	maximum        = "spark.dynamicAllocation.maxExecutors"
	authenticate   = "spark.authenticate"
	encrypt        = "spark.network.crypto.enabled"
	batchSize      = servicePrefix + "allocation.batch.size"
	pysparkMemory  = "spark.executor.pyspark.memory"
	offHeapEnabled = "spark.memory.offHeap.enabled"
	offHeapSize    = "spark.memory.offHeap.size"
	sharedFactor   = servicePrefix + "memoryOverheadFactor"
	redaction      = "spark.redaction.regex"
	keptEvents     = "spark.history.fs.eventLog.rolling.maxFilesToRetain"
)

// sparksRedaction is Spark's own pattern of names whose values it shows nowhere. It also holds if a run has a pattern
// of its own, because the settings of the object store have a secret that is not the run's.
const sparksRedaction = "(?i:secret|password|token|access[.]?key)"

// infinity is a maximum without bound, as users write it.
const infinity = "infinity"

// releaseDefaults is the lowest level: what the service sets for every run of a release.
func releaseDefaults(label string) map[string]string {
	return map[string]string{
		driverCores:    "4",
		driverMemory:   "14G",
		executorCores:  "4",
		executorMemory: "14G",
		instances:      "3",
		dynamic:        "true",
		initial:        "3",
		minimum:        "0",
		maximum:        defaultMaximum(label),
		"spark.dynamicAllocation.executorIdleTimeout": "60s",
		authenticate:                         "true",
		encrypt:                              "true",
		batchSize:                            "20",
		sharedFactor:                         "0.1",
		servicePrefix + "driver.disk":        "20G",
		servicePrefix + "executor.disk":      "20G",
		servicePrefix + "driver.disk.type":   "standard",
		servicePrefix + "executor.disk.type": "standard",
	}
}

// dynamicDefaults are the defaults that go with dynamic allocation. There is no external shuffle service. So executors
// with shuffle data stay while a job needs the data, and then at most for the timeout (Spark's own default is for
// ever). If they must go, they move their blocks first.
func dynamicDefaults() map[string]string {
	return map[string]string{
		"spark.dynamicAllocation.shuffleTracking.enabled":  "true",
		"spark.dynamicAllocation.shuffleTracking.timeout":  "300s",
		"spark.decommission.enabled":                       "true",
		"spark.storage.decommission.enabled":               "true",
		"spark.storage.decommission.rddBlocks.enabled":     "true",
		"spark.storage.decommission.shuffleBlocks.enabled": "true",
	}
}

func defaultMaximum(label string) string {
	if releases.Before(label, releases.SinceUnboundedAllocation) {
		return "100"
	}
	return infinity
}

func (l levels) dynamic() bool { return strings.EqualFold(l.Text(dynamic), "true") }

// settleEncryption turns encryption, which is on by default, off if authentication is off: Spark refuses to encrypt
// without it.
func (l levels) settleEncryption() error {
	authenticated, err := l.flag(authenticate)
	if err != nil || authenticated {
		return err
	}
	if encrypted, err := l.flag(encrypt); err != nil || encrypted && l.Asked(encrypt) {
		return l.Invalid(encrypt, "encryption needs %s=true", authenticate)
	}
	l.Default(encrypt, "false")
	return nil
}
