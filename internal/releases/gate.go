package releases

import (
	"fmt"
	"strings"
)

// The first releases that can do what not all can (specification of security, section 12.5; of jobs, sections 5, 6, 8,
// 11 and 13).
const (
	SinceLog4j2              = "6.8.0"  // classifications spark-driver-log4j2 and spark-executor-log4j2
	SinceARM64               = "6.8.0"  // nodes of that architecture
	SinceImages              = "6.9.0"  // custom images
	SinceUnboundedAllocation = "6.10.0" // no maximum of executors by default; before it is 100
	SinceBucketRoles         = "6.11.0" // a role for each bucket, by fs.s3.bucketLevelAssumeRoleMapping
	SinceInteractive         = "6.14.0" // studios, Livy's API and sessions
	SinceScheduler           = "7.0.0"  // a bound of what runs at once, and a queue
	SinceShuffleDisk         = "7.1.0"  // disks of the class shuffle_optimized
	SinceRetries             = "7.1.0"  // retry policies
	SincePrometheus          = "7.1.0"  // metrics to a remote Prometheus
	SinceStreaming           = "7.1.0"  // the mode STREAMING
)

// Before says whether a label of the form emr-x.y.z is older than a version. Every other label is one of the cluster's
// own, which is as new as it wants to be.
func Before(label, version string) bool {
	rest, found := strings.CutPrefix(label, prefix)
	return found && isVersion(rest) && !AtLeast(label, version)
}

// Needs says why a release lacks a feature that came with a version; empty: it has it.
func Needs(feature, label, version string) string {
	if !Before(label, version) {
		return ""
	}
	return fmt.Sprintf("release %s has no %s: that needs %s%s or newer", label, feature, prefix, version)
}

// isVersion says whether a text is three numbers with dots between.
func isVersion(text string) bool {
	parts := strings.Split(text, ".")
	for _, part := range parts {
		if part == "" || strings.Trim(part, "0123456789") != "" {
			return false
		}
	}
	return len(parts) == 3
}
