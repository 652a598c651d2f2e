package support

import (
	"slices"
	"strings"
	"sync"
)

// Answer is how something is answered that nothing acts on.
type Answer int

// The answers.
const (
	// Refused is not taken: the error names the field.
	Refused Answer = iota
	// Kept is taken and shown, since clients always send it. Details of the state and explain say that nothing acts on
	// it.
	Kept
)

// Part is something of the original's API that no version acts on, or that only newer ones do.
type Part struct {
	// Name is what people call it; it fits after "does not act on".
	Name string
	// Members are its names in the public API, or its properties.
	Members []string
	// Since is the first version of Headrace that acts on it; empty: none does yet.
	Since string
	// Answer is how versions before that answer it.
	Answer Answer
	// Instead is what to do, or what happens, instead.
	Instead string

	fields   []string                     // of the protos, below headrace.spec.v1
	says     func(value string) bool      // nil: any text that is there counts
	property func(key, value string) bool // whether a property is of this part
}

// Works says whether this version acts on it.
func (p *Part) Works() bool { return p.Since != "" }

// refusal is what a user is told whose request is refused for it.
func (p *Part) refusal() string {
	return "Headrace does not act on " + p.Name + " yet, so this is not taken: leave it out; " + p.Instead
}

// note is what a user is told whose request is kept.
func (p *Part) note() string {
	return strings.Join(p.Members, ", ") + ": kept and shown, but Headrace does not act on " + p.Name + " yet; " +
		p.Instead
}

// defaultRole is the role of a run that names none: see package spec.
const defaultRole = "default"

// Parts returns the table, in the order of the documentation.
func Parts() []*Part {
	return slices.Concat(fieldParts(), propertyParts())
}

// fieldParts are those that are said by fields.
var fieldParts = sync.OnceValue(func() []*Part {
	return []*Part{
		{
			Name:    "execution roles",
			Members: []string{"executionRoleArn"},
			Answer:  Kept,
			Instead: "workers have the object store's credentials of their node",
			fields:  []string{"JobRun.execution_role"},
			says:    func(role string) bool { return role != defaultRole },
		},
		{
			Name:    "interactive use",
			Members: []string{"interactiveConfiguration"},
			Answer:  Kept,
			Instead: "there are no sessions, and no endpoint of Livy or of a studio; submit job runs",
			fields: []string{
				"Interactive.studio_enabled",
				"Interactive.livy_endpoint_enabled",
				"Interactive.session_enabled",
			},
		},
		{
			Name:    "images of users",
			Members: []string{"imageConfiguration", "workerTypeSpecifications"},
			Instead: "workers run the release of their application; bring libraries with --packages, --jars, --py-files " +
				"or --archives",
			fields: []string{"Image.uri", "Image.application_level_digest_resolution"},
		},
		{
			Name:    "subnets and security groups",
			Members: []string{"networkConfiguration"},
			Instead: "workers are in the network of their node",
			fields:  []string{"Network.subnet_ids", "Network.security_group_ids"},
		},
		{
			Name:    "CloudWatch",
			Members: []string{"cloudWatchLoggingConfiguration"},
			Instead: "logs go to the cluster's own storage, and to s3MonitoringConfiguration",
			fields:  []string{"LogService.enabled"},
		},
		{
			Name:    "a remote Prometheus",
			Members: []string{"prometheusMonitoringConfiguration"},
			Instead: "Spark sends its metrics by itself to what spark.metrics.conf.* names",
			fields:  []string{"PrometheusMonitoring.remote_write_url"},
		},
		{
			Name:    "keys that encrypt logs",
			Members: []string{"encryptionKeyArn"},
			Instead: "let the object store encrypt its buckets",
			fields: []string{
				"S3Monitoring.encryption_key_arn",
				"ManagedPersistence.encryption_key_arn",
				"LogService.encryption_key_arn",
			},
		},
		{
			Name:    "the encryption of workers' disks",
			Members: []string{"diskEncryptionConfiguration"},
			Instead: "encrypt the disks of the nodes",
			fields:  []string{"DiskEncryption.context", "DiskEncryption.key_arn"},
		},
		{
			Name:    "execution policies",
			Members: []string{"executionIamPolicy"},
			Instead: "bound the credentials that nodes have for the object store",
			fields:  []string{"ExecutionPolicy.policy", "ExecutionPolicy.policy_arns"},
		},
		{
			Name:    "an identity centre",
			Members: []string{"identityCenterConfiguration"},
			Instead: "users are those of the cluster's access keys and certificates",
			fields: []string{
				"IdentityCenter.instance_arn",
				"IdentityCenter.user_background_sessions_enabled",
			},
		},
		{
			Name:    "the allocation of costs",
			Members: []string{"jobLevelCostAllocationConfiguration"},
			Instead: "each job run shows what it used in billedResourceUtilization",
			fields:  []string{"JobLevelCostAllocation.enabled"},
		},
	}
})
