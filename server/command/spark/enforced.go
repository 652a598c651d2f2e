package spark

import (
	"strconv"
	"strings"

	"github.com/headrace/headrace/internal/releases"
)

// overridden lists what the platform sets for every attempt; a user's value is left out.
var overridden = map[string]bool{
	"spark.driver.host": true, "spark.driver.bindAddress": true, "spark.driver.port": true, "spark.driver.blockManager.port": true,
	"spark.blockManager.port": true, "spark.app.id": true, "spark.executor.id": true, "spark.local.dir": true,
	"spark.shuffle.service.enabled": true,
}

// checkRefused refuses what only the platform decides.
func (l levels) checkRefused(label string) error {
	for _, key := range l.sorted() {
		switch {
		case key == "spark.master":
			return l.invalid(key, "cannot be set: Headrace decides where the run's workers are")
		case key == "spark.remote":
			return l.invalid(key, "cannot be set: a run has a driver of its own, not one behind Spark Connect")
		case key == "spark.submit.deployMode":
			return l.invalid(key, "cannot be set: Headrace runs the driver as a worker of its own")
		case key == "spark.authenticate.secret" || strings.HasPrefix(key, "spark.authenticate.secret."):
			return l.hidden(key, "cannot be set: every attempt gets a secret of its own")
		case strings.HasSuffix(key, ".disk.type") && strings.HasPrefix(key, servicePrefix):
			if needs := releases.Needs("shuffle-optimised disks", label, releases.SinceShuffleDisk); needs != "" && strings.EqualFold(l.text(key), shuffleOptimized) {
				return l.invalid(key, "%s", needs)
			}
		}
	}
	return nil
}

// final is what Spark is told. Numbers of executors come out as they were resolved, so that Spark counts as we do.
func (l levels) final(s *Settings) map[string]string {
	out := map[string]string{}
	for key, set := range l {
		if !overridden[key] && !strings.HasPrefix(key, driverEnv) {
			out[key] = set.value
		}
	}
	if own, set := out[redaction]; set {
		out[redaction] = sparksRedaction + "|" + own
	}
	out[driverMemory], out[executorMemory] = megabytes(s.DriverHeapMiB), megabytes(s.ExecutorHeapMiB)
	if !s.Dynamic {
		out[instances] = strconv.FormatUint(uint64(s.Initial), 10)
		for _, key := range []string{initial, minimum, maximum} {
			delete(out, key)
		}
		return out
	}
	delete(out, instances)
	out[initial] = strconv.FormatUint(uint64(s.Initial), 10)
	if strings.EqualFold(l.text(maximum), infinity) {
		delete(out, maximum) // Spark's own default; it cannot read the word
	}
	return out
}

func megabytes(mib int64) string { return strconv.FormatInt(mib, 10) + "m" }
