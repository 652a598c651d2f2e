package spark

import (
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/releases"
)

// By these a run takes on a role for each bucket: the mapping, and the provider that reads it.
const (
	roleMapping  = hadoopPrefix + "fs.s3.bucketLevelAssumeRoleMapping"
	roleProvider = hadoopPrefix + "fs.s3.customAWSCredentialsProvider"
	bucketRoles  = "BucketLevelAssumeRoleCredentialsProvider"
)

// checkRoles holds that a release knows roles of buckets.
func (l levels) checkRoles(label string) error {
	needs := releases.Needs("roles of buckets", label, releases.SinceBucketRoles)
	if needs == "" {
		return nil
	}
	for _, key := range []string{roleMapping, roleProvider} {
		if l.asked(key) && (key == roleMapping || strings.HasSuffix(l.text(key), "."+bucketRoles)) {
			return errs.Field(l[key].field, "%s: %s", key, needs)
		}
	}
	return nil
}
