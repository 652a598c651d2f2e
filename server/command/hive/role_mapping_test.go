package hive

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
		in.Under = []property.Level{{Field: emrfsSite, Properties: map[string]string{key: value}}}
		in.ReleaseLabel = "emr-6.10.0"
		_, err := Resolve(in)
		wantInvalid(t, err, emrfsSite, key, "emr-6.10.0", "emr-6.11.0 or newer")
		for _, label := range []string{"emr-6.11.0", "own"} {
			in.ReleaseLabel = label
			resolve(t, in)
		}
	}
	in := given("") // the release's own provider
	in.ReleaseLabel = "emr-6.10.0"
	resolve(t, in)
}
