package spark

import (
	"testing"

	"github.com/headrace/headrace/server/command/property"
)

func TestResolve_RolesOfBucketsNeedARelease(t *testing.T) {
	const provider = "com.amazonaws.emr.serverless.credentialsprovider.BucketLevelAssumeRoleCredentialsProvider"
	for key, value := range map[string]string{
		"fs.s3.bucketLevelAssumeRoleMapping": "bucket1->role1;bucket2->role2",
		"fs.s3.customAWSCredentialsProvider": provider,
	} {
		in := given("")
		in.Hadoop = []property.Level{from(overrides+"[emrfs-site]", map[string]string{key: value})}
		in.ReleaseLabel = "emr-6.10.0"
		refusedAs(t, in, overrides+"[emrfs-site]", "spark.hadoop."+key, "emr-6.10.0", "emr-6.11.0 or newer")
		for _, label := range []string{"emr-6.11.0", "own"} {
			in.ReleaseLabel = label
			resolve(t, in)
		}
	}
	in := given("--conf spark.hadoop.fs.s3.customAWSCredentialsProvider=" +
		"com.amazonaws.auth.DefaultAWSCredentialsProviderChain")
	in.ReleaseLabel = "emr-6.10.0"
	resolve(t, in)
}
