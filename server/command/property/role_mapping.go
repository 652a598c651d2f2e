package property

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

// CheckRoles holds that the release knows roles of buckets, if the run asks for them. Prefix is what the engine has
// before names of Hadoop's properties.
func (l Levels) CheckRoles(label, prefix string) error {
	needs := releases.Needs("roles of buckets", label, releases.SinceBucketRoles)
	if needs == "" {
		return nil
	}
	mapping := prefix + roleMapping
	if l.Asked(mapping) {
		return errs.Field(l.Field(mapping), "%s: %s", mapping, needs)
	}
	provider := prefix + roleProvider
	if l.Asked(provider) && strings.HasSuffix(l.Text(provider), "."+bucketRoles) {
		return errs.Field(l.Field(provider), "%s: %s", provider, needs)
	}
	return nil
}
