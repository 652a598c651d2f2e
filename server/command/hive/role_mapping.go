package hive

import (
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/releases"
)

// The properties with which a run assumes a role for each bucket, and the provider that reads them.
const (
	roleMapping  = "fs.s3.bucketLevelAssumeRoleMapping"
	roleProvider = "fs.s3.customAWSCredentialsProvider"
	bucketRoles  = "BucketLevelAssumeRoleCredentialsProvider"
)

// checkRoles holds that the release knows roles of buckets, if the run asks for them.
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
