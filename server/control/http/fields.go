package http

import (
	"regexp"
	"strings"
)

// renamed says what this API calls a field of the native one, the longest prefix first. Other fields have the same name, with
// capitals in place of underscores.
var renamed = []struct{ native, here string }{
	{"surroundings.image.uri", "imageConfiguration.imageUri"},
	{"surroundings.worker_images", "workerTypeSpecifications"},
	{"surroundings.network", "networkConfiguration"},
	{"surroundings.disk_encryption.context", "diskEncryptionConfiguration.encryptionContext"},
	{"surroundings.disk_encryption.key_arn", "diskEncryptionConfiguration.encryptionKeyArn"},
	{"surroundings.identity_center.instance_arn", "identityCenterConfiguration.identityCenterInstanceArn"},
	{"disk_encryption.context", "configurationOverrides.diskEncryptionConfiguration.encryptionContext"},
	{"disk_encryption.key_arn", "configurationOverrides.diskEncryptionConfiguration.encryptionKeyArn"},
	{"monitoring.s3", "monitoringConfiguration.s3MonitoringConfiguration"},
	{"monitoring.managed_persistence", "monitoringConfiguration.managedPersistenceMonitoringConfiguration"},
	{"monitoring.log_service", "monitoringConfiguration.cloudWatchLoggingConfiguration"},
	{"monitoring.prometheus", "monitoringConfiguration.prometheusMonitoringConfiguration"},
	{"scheduler", "schedulerConfiguration"},
	{"idle_timeout_minutes", "autoStopConfiguration.idleTimeoutMinutes"},
	{"configuration", "configurationOverrides.applicationConfiguration"},
	{"spark_submit", "jobDriver.sparkSubmit"},
	{"hive", "jobDriver.hive"},
	{"driver", "jobDriver"},
	{"engine", "type"},
	{"execution_role", "executionRoleArn"},
	{"execution_policy", "executionIamPolicy"},
	{"created_after", "createdAtAfter"},
	{"created_before", "createdAtBefore"},
	{"grace_seconds", "shutdownGracePeriodInSeconds"},
	{"job_run", "request"},
}

// elements names what is below elements of lists that this API has as maps, whose keys their names have already.
var elements = strings.NewReplacer(".worker_size", ".workerConfiguration", ".image.uri", ".imageConfiguration.imageUri", ".worker_type", "", ".logs", "")

var underscore = regexp.MustCompile(`_([a-z])`)

// field returns this API's name of a native field.
func (c *call) field(op *operation, native string) string {
	for prefix, here := range c.names { // of elements, of which none is the prefix of another
		if rest, ok := below(native, prefix); ok {
			return here + camel(rest)
		}
	}
	for _, r := range renamed {
		if rest, ok := below(native, r.native); ok {
			return op.below(r.native) + r.here + camel(rest)
		}
	}
	return camel(native)
}

// below cuts a prefix that ends where a name ends.
func below(field, prefix string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(field, prefix)
	return rest, ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// below returns what monitoring stands in: a submission has it among its overrides.
func (op *operation) below(native string) string {
	if op.name == "StartJobRun" && strings.HasPrefix(native, "monitoring.") {
		return "configurationOverrides."
	}
	return ""
}

func camel(s string) string {
	s = elements.Replace(s)
	return underscore.ReplaceAllStringFunc(s, func(m string) string { return strings.ToUpper(m[1:]) })
}
