package spark

import (
	"strconv"
	"strings"

	"github.com/headrace/headrace/internal/releases"
)

// overridden lists the properties that the platform sets for every attempt. A user's value is left out.
var overridden = map[string]bool{
	"spark.driver.host":              true,
	"spark.driver.bindAddress":       true,
	"spark.driver.port":              true,
	"spark.driver.blockManager.port": true,
	"spark.blockManager.port":        true,
	"spark.app.id":                   true,
	"spark.executor.id":              true,
	"spark.local.dir":                true,
	"spark.shuffle.service.enabled":  true,
}

// checkRefused refuses properties that only the platform decides, and disks that the release does not have.
func (l levels) checkRefused(label string) error {
	for _, key := range l.Names() {
		switch {
		case key == "spark.master":
			return l.Invalid(key, "cannot be set: Headrace decides where the run's workers are")
		case key == "spark.remote":
			return l.Invalid(key, "cannot be set: a run has a driver of its own, not one behind Spark Connect")
		case key == "spark.submit.deployMode":
			return l.Invalid(key, "cannot be set: Headrace runs the driver as a worker of its own")
		case key == "spark.authenticate.secret" || strings.HasPrefix(key, "spark.authenticate.secret."):
			return l.Hidden(key, "cannot be set: every attempt gets a secret of its own")
		case strings.HasSuffix(key, ".disk.type") && strings.HasPrefix(key, servicePrefix):
			if err := l.checkDisk(label, key); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkDisk refuses a type of disk that the release does not have.
func (l levels) checkDisk(label, key string) error {
	needs := releases.Needs("shuffle-optimised disks", label, releases.SinceShuffleDisk)
	if needs != "" && strings.EqualFold(l.Text(key), shuffleOptimized) {
		return l.Invalid(key, "%s", needs)
	}
	return nil
}

// final returns the properties that Spark gets. Numbers of executors are as they were resolved, so that Spark counts as
// Headrace does.
func (l levels) final(s *Settings) map[string]string {
	out := map[string]string{}
	for key, set := range l.Levels {
		if !overridden[key] && !strings.HasPrefix(key, driverEnv) {
			out[key] = set.Value
		}
	}
	if own, set := out[redaction]; set {
		out[redaction] = sparksRedaction + "|" + own
	}
	out[driverMemory] = megabytes(s.DriverHeapMiB)
	out[executorMemory] = megabytes(s.ExecutorHeapMiB)
	if !s.Dynamic {
		out[instances] = strconv.FormatUint(uint64(s.Initial), 10)
		for _, key := range []string{initial, minimum, maximum} {
			delete(out, key)
		}
		return out
	}
	delete(out, instances)
	out[initial] = strconv.FormatUint(uint64(s.Initial), 10)
	if strings.EqualFold(l.Text(maximum), infinity) {
		delete(out, maximum) // Spark's own default; it cannot read the word
	}
	return out
}

func megabytes(mib int64) string { return strconv.FormatInt(mib, 10) + "m" }
