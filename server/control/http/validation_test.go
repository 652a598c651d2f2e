package http_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// fault is a request that is wrong, and what its message has to name.
type fault struct {
	body  string // or a query
	names []string
}

func list(n int, format string) string {
	var all []string
	for i := range n {
		if strings.Contains(format, "%d") {
			all = append(all, fmt.Sprintf(format, i))
		} else {
			all = append(all, format)
		}
	}
	return strings.Join(all, ",")
}

// Clients check almost nothing, so the server names what is wrong: the field, the value, and what is allowed.
func TestValidation_NamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := serve(t, 1)
	t.Run("CreateApplication", s.createIsChecked)
	id := s.application("")
	t.Run("UpdateApplication", func(t *testing.T) { s.updateIsChecked(t, id) })
	t.Run("StartJobRun", func(t *testing.T) { s.submissionIsChecked(t, id) })
	t.Run("queries", func(t *testing.T) { s.queriesAreChecked(t, id, s.run(id, "")) })
	t.Run("paths", func(t *testing.T) { s.pathsAreChecked(t, id) })
}

func (s *served) createIsChecked(t *testing.T) {
	member := func(m string) string {
		return `{"releaseLabel":"emr-7.2.0","type":"SPARK","clientToken":"x",` + m + `}`
	}
	capacity := func(key, count, cpu, memory, disk, more string) string {
		return member(
			fmt.Sprintf(
				`"initialCapacity":{"%s":{"workerCount":%s,"workerConfiguration":{"cpu":"%s","memory":"%s","disk":"%s"%s}}}`,
				key,
				count,
				cpu,
				memory,
				disk,
				more,
			),
		)
	}
	configuration := func(c string) string { return member(`"runtimeConfiguration":[` + c + `]`) }
	cloudWatch := func(m string) string {
		return member(`"monitoringConfiguration":{"cloudWatchLoggingConfiguration":{` + m + `}}`)
	}
	for name, f := range map[string]fault{
		"not JSON": {`{`, []string{"cannot read the body as JSON"}},
		"a list":   {`[]`, []string{"JSON array", "object"}},
		"nothing":  {``, []string{"releaseLabel", "missing"}},
		"no type":  {`{"releaseLabel":"emr-7.2.0","clientToken":"x"}`, []string{"type", "missing"}},
		"no token": {`{"releaseLabel":"emr-7.2.0","type":"SPARK"}`, []string{"clientToken", "missing"}},
		"a null":   {`{"releaseLabel":null,"type":"SPARK","clientToken":"x"}`, []string{"releaseLabel", "missing"}},
		"token": {
			`{"releaseLabel":"emr-7.2.0","type":"SPARK","clientToken":"a b"}`,
			[]string{"clientToken", "a b", "64"},
		},
		"long token": {
			`{"releaseLabel":"emr-7.2.0","type":"SPARK","clientToken":"` + strings.Repeat("a", 65) + `"}`,
			[]string{"clientToken", "64"},
		},
		"release": {
			`{"releaseLabel":"emr 7","type":"SPARK","clientToken":"x"}`,
			[]string{"releaseLabel", "emr 7", "64"},
		},
		"type": {
			`{"releaseLabel":"emr-7.2.0","type":"FLINK","clientToken":"x"}`,
			[]string{"type", "FLINK", "SPARK", "HIVE"},
		},
		"ours":              {`{"releaseLabel":"process","type":"PROCESS","clientToken":"x"}`, []string{"type", "PROCESS"}},
		"name":              {member(`"name":"a b"`), []string{"name:", "a b", "64"}},
		"empty name":        {member(`"name":""`), []string{"name:", "empty"}},
		"long name":         {member(`"name":"` + strings.Repeat("n", 65) + `"`), []string{"name:", "64"}},
		"number for a text": {member(`"name":5`), []string{"name:", "number", "string"}},
		"text for a switch": {
			member(`"autoStartConfiguration":{"enabled":"true"}`),
			[]string{"autoStartConfiguration.enabled:", "string", "true or false"},
		},
		"fraction": {
			member(`"autoStopConfiguration":{"idleTimeoutMinutes":1.5}`),
			[]string{"autoStopConfiguration.idleTimeoutMinutes:", "1.5", "whole number"},
		},
		"architecture": {member(`"architecture":"x86"`), []string{"architecture", "x86", "X86_64", "ARM64"}},
		"old on ARM": {
			`{"releaseLabel":"emr-6.7.0","type":"SPARK","clientToken":"x","architecture":"ARM64"}`,
			[]string{"architecture", "6.8.0"},
		},
		"idle 0": {
			member(`"autoStopConfiguration":{"idleTimeoutMinutes":0}`),
			[]string{"autoStopConfiguration.idleTimeoutMinutes", "0", "1"},
		},
		"idle 10081": {
			member(`"autoStopConfiguration":{"idleTimeoutMinutes":10081}`),
			[]string{"autoStopConfiguration.idleTimeoutMinutes", "10081", "10080"},
		},

		"capacity's type": {
			capacity("TezTask", "1", "2vCPU", "4GB", "20GB", ""),
			[]string{"initialCapacity.TezTask:", "EXECUTOR"},
		},
		"twice": {
			member(`"initialCapacity":{"DRIVER":{"workerCount":1,"workerConfiguration":{"cpu":"1","memory":"2"}},` +
				`"Driver":{"workerCount":1,"workerConfiguration":{"cpu":"1","memory":"2"}}}`),
			[]string{"initialCapacity.Driver:", "twice"},
		},
		"no worker": {
			capacity("DRIVER", "0", "2vCPU", "4GB", "20GB", ""),
			[]string{"initialCapacity.DRIVER.workerCount:", "0", "1000000"},
		},
		"million workers": {
			capacity("DRIVER", "1000001", "2vCPU", "4GB", "20GB", ""),
			[]string{"initialCapacity.DRIVER.workerCount:", "1000001", "1000000"},
		},
		"no count": {
			member(`"initialCapacity":{"DRIVER":{}}`),
			[]string{"initialCapacity.DRIVER.workerCount:", "missing"},
		},
		"no cpu": {
			member(`"initialCapacity":{"DRIVER":{"workerCount":1,"workerConfiguration":{"memory":"4GB"}}}`),
			[]string{"initialCapacity.DRIVER.workerConfiguration.cpu:", "missing"},
		},
		"cpu 0": {
			capacity("DRIVER", "1", "0vCPU", "4GB", "20GB", ""),
			[]string{"initialCapacity.DRIVER.workerConfiguration.cpu:", "0vCPU", "4vCPU"},
		},
		"half a cpu": {capacity("DRIVER", "1", "0.5", "4GB", "20GB", ""), []string{"workerConfiguration.cpu:", "0.5"}},
		"memory": {
			capacity("DRIVER", "1", "2vCPU", "4TB", "20GB", ""),
			[]string{"workerConfiguration.memory:", "4TB"},
		},
		"disk": {
			capacity("DRIVER", "1", "2vCPU", "4GB", "20", ""),
			[]string{"workerConfiguration.disk:", "20", "unit"},
		},
		"long cpu": {
			capacity("DRIVER", "1", "1234567890123456", "4GB", "20GB", ""),
			[]string{"workerConfiguration.cpu:", "15"},
		},
		"no size": {
			capacity("DRIVER", "1", "3vCPU", "4GB", "20GB", ""),
			[]string{"initialCapacity.DRIVER.workerConfiguration:", "3", "1 vCPU with 2 to 8 GB"},
		},
		"much memory": {
			capacity("DRIVER", "1", "1vCPU", "9GB", "20GB", ""),
			[]string{"initialCapacity.DRIVER.workerConfiguration:", "8 GB"},
		},
		"small disk": {
			capacity("DRIVER", "1", "1vCPU", "8GB", "19GB", ""),
			[]string{"initialCapacity.DRIVER.workerConfiguration:", "19", "20"},
		},
		"disk type": {
			capacity("DRIVER", "1", "1vCPU", "8GB", "20GB", `,"diskType":"FLOPPY"`),
			[]string{"initialCapacity.DRIVER.workerConfiguration.diskType:", "FLOPPY", "SHUFFLE_OPTIMIZED"},
		},
		"maximum": {member(`"maximumCapacity":{"cpu":"4vCPU"}`), []string{"maximumCapacity.memory:", "missing"}},
		"maximum's cpu": {
			member(`"maximumCapacity":{"cpu":"four","memory":"4GB"}`),
			[]string{"maximumCapacity.cpu:", "four"},
		},
		"more than that": {
			member(`"maximumCapacity":{"cpu":"1vCPU","memory":"4GB"},` +
				`"initialCapacity":{"DRIVER":{"workerCount":2,"workerConfiguration":{"cpu":"1","memory":"2"}}}`),
			[]string{"initialCapacity:", "maximum capacity"},
		},

		"51 tags":       {member(`"tags":{` + list(51, `"k%d":"v"`) + `}`), []string{"tags", "51", "50"}},
		"tag's key":     {member(`"tags":{"` + strings.Repeat("k", 129) + `":"v"}`), []string{"tags", "129", "128"}},
		"reserved":      {member(`"tags":{"AWS:x":"v"}`), []string{"tags", "AWS:x", "reserved"}},
		"tag's value":   {member(`"tags":{"k":"` + strings.Repeat("v", 257) + `"}`), []string{"tags", "257", "256"}},
		"tag's letters": {member(`"tags":{"k":"a,b"}`), []string{"tags", "','"}},

		"image": {
			member(`"imageConfiguration":{"imageUri":"https://x/y"}`),
			[]string{"imageConfiguration.imageUri:", "https://x/y", "1024"},
		},
		"empty image": {
			member(`"imageConfiguration":{"imageUri":""}`),
			[]string{"imageConfiguration.imageUri:", "empty"},
		},
		"worker's type": {
			member(`"workerTypeSpecifications":{"HiveDriver":{"imageConfiguration":{"imageUri":"a:1"}}}`),
			[]string{"workerTypeSpecifications.HiveDriver:", "EXECUTOR"},
		},
		"worker's image": {
			member(`"workerTypeSpecifications":{"Driver":{"imageConfiguration":{"imageUri":"a b"}}}`),
			[]string{"workerTypeSpecifications.Driver.imageConfiguration.imageUri:", "a b"},
		},
		"17 subnets": {
			member(`"networkConfiguration":{"subnetIds":[` + list(17, `"s%d"`) + `]}`),
			[]string{"networkConfiguration.subnetIds:", "17", "16"},
		},
		"subnet": {
			member(`"networkConfiguration":{"subnetIds":["s","_"]}`),
			[]string{"networkConfiguration.subnetIds[1]:", "_", "32"},
		},
		"empty subnet": {
			member(`"networkConfiguration":{"subnetIds":[""]}`),
			[]string{"networkConfiguration.subnetIds[0]:", "empty"},
		},
		"6 groups": {
			member(`"networkConfiguration":{"securityGroupIds":[` + list(6, `"g"`) + `]}`),
			[]string{"networkConfiguration.securityGroupIds:", "6", "5"},
		},
		"9 words": {
			member(`"diskEncryptionConfiguration":{"encryptionContext":{` + list(9, `"k%d":"v"`) + `}}`),
			[]string{"diskEncryptionConfiguration.encryptionContext:", "9", "8"},
		},
		"key": {
			member(`"diskEncryptionConfiguration":{"encryptionKeyArn":"k"}`),
			[]string{"diskEncryptionConfiguration.encryptionKeyArn:", "arn:aws:kms"},
		},
		"identity centre": {
			member(`"identityCenterConfiguration":{"identityCenterInstanceArn":"arn:aws:sso:::instance/x"}`),
			[]string{"identityCenterConfiguration.identityCenterInstanceArn:", "ssoins"},
		},
		"no run at once": {
			member(`"schedulerConfiguration":{"maxConcurrentRuns":0}`),
			[]string{"schedulerConfiguration.maxConcurrentRuns:", "0", "1"},
		},
		"too many at once": {
			member(`"schedulerConfiguration":{"maxConcurrentRuns":1001}`),
			[]string{"schedulerConfiguration.maxConcurrentRuns:", "1001", "1000"},
		},
		"short queue": {
			member(`"schedulerConfiguration":{"queueTimeoutMinutes":14}`),
			[]string{"schedulerConfiguration.queueTimeoutMinutes:", "14", "15", "720"},
		},
		"long queue": {
			member(`"schedulerConfiguration":{"queueTimeoutMinutes":721}`),
			[]string{"schedulerConfiguration.queueTimeoutMinutes:", "721", "720"},
		},

		"no class": {
			configuration(`{}`),
			[]string{"runtimeConfiguration[0].classification:", "needs a classification"},
		},
		"blank class": {
			configuration(`{"classification":" "}`),
			[]string{"runtimeConfiguration[0].classification:", "classification"},
		},
		"101 classes": {
			configuration(list(101, `{"classification":"c%d"}`)),
			[]string{"runtimeConfiguration:", "101", "100"},
		},
		"101 properties": {
			configuration(`{"classification":"spark-defaults","properties":{` + list(101, `"k%d":"v"`) + `}}`),
			[]string{"runtimeConfiguration[0].properties:", "101", "100"},
		},
		"long property": {
			configuration(`{"classification":"spark-defaults","properties":{"k":"` + strings.Repeat("v", 1025) + `"}}`),
			[]string{"runtimeConfiguration[0].properties.k:", "1025", "1024"},
		},
		"a nested type": {
			configuration(`{"classification":"spark-defaults","properties":{"k":5}}`),
			[]string{"runtimeConfiguration", "properties", "number"},
		},
		"log URI": {
			member(`"monitoringConfiguration":{"s3MonitoringConfiguration":{"logUri":"https://x"}}`),
			[]string{"monitoringConfiguration.s3MonitoringConfiguration.logUri:", "https://x", "s3://"},
		},
		"managed key": {
			member(`"monitoringConfiguration":{"managedPersistenceMonitoringConfiguration":{"encryptionKeyArn":"k"}}`),
			[]string{"monitoringConfiguration.managedPersistenceMonitoringConfiguration.encryptionKeyArn:"},
		},
		"no switch": {
			cloudWatch(`"logGroupName":"g"`),
			[]string{"monitoringConfiguration.cloudWatchLoggingConfiguration.enabled:", "missing"},
		},
		"group": {
			cloudWatch(`"enabled":true,"logGroupName":"a b"`),
			[]string{"monitoringConfiguration.cloudWatchLoggingConfiguration.logGroupName:", "a b"},
		},
		"prefix": {
			cloudWatch(`"enabled":true,"logStreamNamePrefix":"a:b"`),
			[]string{"monitoringConfiguration.cloudWatchLoggingConfiguration.logStreamNamePrefix:", "a:b"},
		},
		"log of whom": {
			cloudWatch(`"enabled":true,"logTypes":{"DRIVER":["STDOUT"]}`),
			[]string{"monitoringConfiguration.cloudWatchLoggingConfiguration.logTypes.DRIVER:", "SPARK_DRIVER"},
		},
		"which log": {
			cloudWatch(`"enabled":true,"logTypes":{"SPARK_DRIVER":["STDIN"]}`),
			[]string{
				"monitoringConfiguration.cloudWatchLoggingConfiguration.logTypes.SPARK_DRIVER[0]:", "STDIN",
				"STDOUT",
			},
		},
		"metrics to where": {
			member(`"monitoringConfiguration":{"prometheusMonitoringConfiguration":{"remoteWriteUrl":"s3://b"}}`),
			[]string{"monitoringConfiguration.prometheusMonitoringConfiguration.remoteWriteUrl:", "s3://b"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s.on(t).refused("POST", "/applications", f.body, 400, "ValidationException", f.names...)
		})
	}
}

// on reports to a subtest.
func (s *served) on(t *testing.T) *served {
	c := *s
	c.t = t
	return &c
}

func (s *served) updateIsChecked(t *testing.T, id string) {
	for name, f := range map[string]fault{
		"no token": {`{}`, []string{"clientToken", "missing"}},
		"release":  {`{"clientToken":"x","releaseLabel":""}`, []string{"releaseLabel", "empty"}},
		"idle": {
			`{"clientToken":"x","autoStopConfiguration":{"idleTimeoutMinutes":0}}`,
			[]string{"autoStopConfiguration.idleTimeoutMinutes"},
		},
		"image": {
			`{"clientToken":"x","imageConfiguration":{"imageUri":"a b"}}`,
			[]string{"imageConfiguration.imageUri", "a b"},
		},
		"capacity": {
			`{"clientToken":"x","initialCapacity":{"Driver":{"workerCount":0}}}`,
			[]string{"initialCapacity.Driver.workerCount"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s.on(t).refused("PATCH", "/applications/"+id, f.body, 400, "ValidationException", f.names...)
		})
	}
}

func (s *served) submissionIsChecked(t *testing.T, id string) {
	const spark = `"jobDriver":{"sparkSubmit":{"entryPoint":"s3://b/x.py"}}`
	member := func(m string) string { return `{"clientToken":"x",` + aRole + `,` + spark + `,` + m + `}` }
	driver := func(d string) string { return `{"clientToken":"x",` + aRole + `,"jobDriver":{` + d + `}}` }
	overrides := func(o string) string { return member(`"configurationOverrides":{` + o + `}`) }
	for name, f := range map[string]fault{
		"no token": {`{` + aRole + `,` + spark + `}`, []string{"clientToken", "missing"}},
		"no role":  {`{"clientToken":"x",` + spark + `}`, []string{"executionRoleArn", "missing"}},
		"role": {
			`{"clientToken":"x","executionRoleArn":"arn:aws:iam::1:role/r",` + spark + `}`,
			[]string{"executionRoleArn", "arn:aws:iam::1:role/r", "20 to 2048"},
		},
		"user for role": {
			`{"clientToken":"x","executionRoleArn":"arn:aws:iam::123456789012:user/r",` + spark + `}`,
			[]string{"executionRoleArn"},
		},
		"no driver":    {`{"clientToken":"x",` + aRole + `}`, []string{"jobDriver", "missing"}},
		"empty driver": {driver(``), []string{"jobDriver", "exactly one", "sparkSubmit", "hive"}},
		"A11: members of another driver": {
			driver(`"sparkSubmit":{"entryPoint":"a","query":"q","initQueryFile":"i","other":1}`),
			[]string{"jobDriver.sparkSubmit:", "query (of hive), initQueryFile (of hive)"},
		},
		"two drivers": {
			driver(`"sparkSubmit":{"entryPoint":"a"},"hive":{"query":"q"}`),
			[]string{"jobDriver", "exactly one"},
		},
		"other engine":   {driver(`"hive":{"query":"q"}`), []string{"jobDriver", "HIVE", "SPARK"}},
		"no entry point": {driver(`"sparkSubmit":{}`), []string{"jobDriver.sparkSubmit.entryPoint", "missing"}},
		"blank":          {driver(`"sparkSubmit":{"entryPoint":" "}`), []string{"jobDriver.sparkSubmit.entryPoint"}},
		"long": {
			driver(`"sparkSubmit":{"entryPoint":"` + strings.Repeat("e", 4097) + `"}`),
			[]string{"jobDriver.sparkSubmit.entryPoint", "4097", "4096"},
		},
		"1025 arguments": {
			driver(`"sparkSubmit":{"entryPoint":"a","entryPointArguments":[` + list(1025, `""`) + `]}`),
			[]string{"jobDriver.sparkSubmit.entryPointArguments", "1025", "1024"},
		},
		"parameters": {
			driver(`"sparkSubmit":{"entryPoint":"a","sparkSubmitParameters":" "}`),
			[]string{"jobDriver.sparkSubmit.sparkSubmitParameters"},
		},
		"long parameters": {
			driver(`"sparkSubmit":{"entryPoint":"a","sparkSubmitParameters":"` + strings.Repeat("p", 102401) + `"}`),
			[]string{"jobDriver.sparkSubmit.sparkSubmitParameters", "102401", "102400"},
		},
		"no such option": {
			driver(`"sparkSubmit":{"entryPoint":"a","sparkSubmitParameters":"--none"}`),
			[]string{"jobDriver.sparkSubmit.sparkSubmitParameters", "--none"},
		},
		"no query": {driver(`"hive":{}`), []string{"jobDriver.hive.query", "missing"}},
		"long query": {
			driver(`"hive":{"query":"` + strings.Repeat("q", 10281) + `"}`),
			[]string{"jobDriver.hive.query", "10281", "10280"},
		},
		"init file": {
			driver(`"hive":{"query":"q","initQueryFile":"` + strings.Repeat("q", 257) + `"}`),
			[]string{"jobDriver.hive.initQueryFile", "257", "256"},
		},
		"empty name":  {member(`"name":""`), []string{"name", "empty"}},
		"blank name":  {member(`"name":"  "`), []string{"name"}},
		"long name":   {member(`"name":"` + strings.Repeat("n", 257) + `"`), []string{"name", "257", "256"}},
		"mode":        {member(`"mode":"FAST"`), []string{"mode", "FAST", "STREAMING"}},
		"no attempt":  {member(`"retryPolicy":{"maxAttempts":0}`), []string{"retryPolicy.maxAttempts", "0", "1"}},
		"11 attempts": {member(`"retryPolicy":{"maxAttempts":11}`), []string{"retryPolicy.maxAttempts", "11", "10"}},
		"batch per hour": {
			member(`"retryPolicy":{"maxFailedAttemptsPerHour":2}`),
			[]string{"retryPolicy.maxFailedAttemptsPerHour", "STREAMING", "has maxAttempts"},
		},
		"stream attempts": {
			member(`"mode":"STREAMING","retryPolicy":{"maxAttempts":2}`),
			[]string{"retryPolicy.maxAttempts", "STREAMING", "with maxFailedAttemptsPerHour"},
		},
		"timeout": {member(`"executionTimeoutMinutes":-1`), []string{"executionTimeoutMinutes", "-1", "0"}},
		"long timeout": {
			member(`"executionTimeoutMinutes":1000001`),
			[]string{"executionTimeoutMinutes", "1000001", "1000000"},
		},
		"51 tags": {member(`"tags":{` + list(51, `"k%d":"v"`) + `}`), []string{"tags", "51", "50"}},
		"policy": {
			member(`"executionIamPolicy":{"policy":"` + strings.Repeat("p", 2049) + `"}`),
			[]string{"executionIamPolicy.policy", "2049", "2048"},
		},
		"11 policies": {
			member(`"executionIamPolicy":{"policyArns":[` + list(11, `"arn:aws:iam::aws:policy/%d"`) + `]}`),
			[]string{"executionIamPolicy.policyArns", "11", "10"},
		},
		"short policy": {
			member(`"executionIamPolicy":{"policyArns":["arn"]}`),
			[]string{"executionIamPolicy.policyArns[0]", "arn", "20"},
		},
		"class twice": {
			overrides(`"applicationConfiguration":[{"classification":"spark-defaults"},{"classification":"spark-defaults"}]`),
			[]string{"configurationOverrides.applicationConfiguration", "spark-defaults", "twice"},
		},
		"log URI": {
			overrides(`"monitoringConfiguration":{"s3MonitoringConfiguration":{"logUri":"x"}}`),
			[]string{"configurationOverrides.monitoringConfiguration.s3MonitoringConfiguration.logUri", "x", "s3://"},
		},
		"log of whom": {
			overrides(`"monitoringConfiguration":{` +
				`"cloudWatchLoggingConfiguration":{"enabled":true,"logTypes":{"D":["STDOUT"]}}}`),
			[]string{
				"configurationOverrides.monitoringConfiguration.cloudWatchLoggingConfiguration.logTypes.D:",
				"SPARK_DRIVER",
			},
		},
		"key": {
			overrides(`"diskEncryptionConfiguration":{"encryptionKeyArn":"k"}`),
			[]string{"configurationOverrides.diskEncryptionConfiguration.encryptionKeyArn", "arn:aws:kms"},
		},
		"256 KiB": {
			driver(`"sparkSubmit":{"entryPoint":"a","entryPointArguments":["` + strings.Repeat("a", 127<<10) +
				`","` + strings.Repeat("b", 127<<10) + `","` + strings.Repeat("c", 9<<10) + `"]}`),
			[]string{"262144"},
		},
		"128 KiB": {
			driver(`"sparkSubmit":{"entryPoint":"a","entryPointArguments":["` + strings.Repeat("a", 128<<10) + `"]}`),
			[]string{"entryPointArguments[0]", "131073", "131072"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s.on(t).refused("POST", "/applications/"+id+"/jobruns", f.body, 400, "ValidationException", f.names...)
		})
	}
}

func (s *served) queriesAreChecked(t *testing.T, id, run string) {
	runs := "/applications/" + id + "/jobruns"
	for _, f := range []struct {
		method, path string
		names        []string
	}{
		{"GET", "/applications?maxResults=0", []string{"maxResults", "0", "1 and 50"}},
		{"GET", "/applications?maxResults=51", []string{"maxResults", "51", "50"}},
		{"GET", "/applications?maxResults=ten", []string{"maxResults", "ten"}},
		{"GET", "/applications?maxResults=", []string{"maxResults"}},
		{"GET", "/applications?nextToken=", []string{"nextToken"}},
		{"GET", "/applications?nextToken=a%2Bb", []string{"nextToken", "a+b"}},
		{"GET", "/applications?nextToken=a", []string{"nextToken"}},
		{"GET", "/applications?nextToken=YWJj", []string{"nextToken", "not one"}}, // well-formed, and none of ours
		{"GET", "/applications?nextToken=" + strings.Repeat("a", 1025), []string{"nextToken", "1024"}},
		{"GET", "/applications?states=CREATED&states=DONE", []string{"states", "DONE", "TERMINATED"}},
		{"GET", "/applications?states=", []string{"states", "empty"}},
		{"GET", "/applications?" + strings.Repeat("states=CREATED&", 8), []string{"states", "8", "7"}},
		{"GET", "/applications?a=%zz", []string{"query"}},
		{"GET", runs + "?states=STARTED", []string{"states", "STARTED", "RUNNING"}},
		{"GET", runs + "?" + strings.Repeat("states=QUEUED&", 9), []string{"states", "9", "8"}},
		{"GET", runs + "?mode=FAST", []string{"mode", "FAST", "BATCH"}},
		{"GET", runs + "?createdAtAfter=yesterday", []string{"createdAtAfter", "yesterday", "2026-01-31T23:59:59Z"}},
		{"GET", runs + "?createdAtBefore=NaN", []string{"createdAtBefore", "NaN"}},
		{
			"GET",
			runs + "?createdAtAfter=2026-02-01T00:00:00Z&createdAtBefore=2026-01-01T00:00:00Z",
			[]string{"createdAtAfter", "2026-02-01"},
		},
		{"GET", runs + "/" + run + "?attempt=0", []string{"attempt", "0", "1"}},
		{"GET", runs + "/" + run + "?attempt=99999999999", []string{"attempt"}},
		{"GET", runs + "/" + run + "/attempts?maxResults=51", []string{"maxResults", "51"}},
		{
			"GET",
			runs + "/" + run + "/dashboard?accessSystemProfileLogs=yes",
			[]string{
				"accessSystemProfileLogs", "yes", "true",
			},
		},
		{
			"DELETE",
			runs + "/" + run + "?shutdownGracePeriodInSeconds=-1",
			[]string{
				"shutdownGracePeriodInSeconds", "-1", "3600",
			},
		},
		{"GET", "/applications/" + id + "/sessions?states=RUNNING", []string{"states", "RUNNING", "IDLE"}},
		{
			"GET",
			"/applications/" + id + "/dashboard?resourceId=x&resourceType=JOB",
			[]string{"resourceType", "JOB", "SESSION"},
		},
		{"GET", "/applications/" + id + "/dashboard?resourceType=SESSION", []string{"resourceId"}},
		{"DELETE", "/tags/" + arn(id), []string{"tagKeys", "0", "200"}},
		{"DELETE", "/tags/" + arn(id) + "?" + strings.Repeat("tagKeys=k&", 201), []string{"tagKeys", "201", "200"}},
	} {
		s.on(t).refused(f.method, f.path, "", 400, "ValidationException", f.names...)
	}
	s.on(t).refused("POST", "/tags/"+arn(id), `{}`, 400, "ValidationException", "tags", "missing")
	session := `{"clientToken":"x","executionRoleArn":"r"}`
	s.on(t).refused("POST", "/applications/"+id+"/sessions", session, 400, "ValidationException", "executionRoleArn")
}

// arn is an application's, as clients put it into a path.
func arn(id string) string {
	return url.PathEscape("arn:aws:emr-serverless:us-east-1:123456789012:/applications/" + id)
}

func (s *served) pathsAreChecked(t *testing.T, id string) {
	s = s.on(t)
	for _, path := range []string{
		"/applications/", "/applications/UPPER_bad%20id%2Fx", "/applications/" + strings.Repeat("a", 65),
	} {
		s.refused("GET", path, "", 400, "ValidationException", "applicationId", "0-9 a-z", "64")
	}
	s.refused("GET", "/applications/"+id+"/jobruns/R", "", 400, "ValidationException", "jobRunId", "R")
	s.refused("GET", "/applications/"+id+"/jobruns/00none", "", 404, "ResourceNotFoundException", "00none")
	s.refused("GET", "/applications/00none/jobruns", "", 404, "ResourceNotFoundException", "00none")
	for _, bad := range []string{
		"x",
		arn(id) + "%2Fsessions%2F1",
		url.PathEscape("arn:aws:s3:us-east-1:123456789012:/applications/" + id),
		url.PathEscape("arn:aws:emr-serverless:a:123456789012:/applications/1"),
	} {
		s.refused("GET", "/tags/"+bad, "", 400, "ValidationException", "resourceArn", "1024")
	}
	s.refused("GET", "/tags/"+arn("00nonexistentxxxxxx"), "", 404, "ResourceNotFoundException", "00nonexistentxxxxxx")
}
