package codectest

import "google.golang.org/protobuf/reflect/protoreflect"

// pkg is what names of fields begin with.
const pkg = "headrace.spec.v1."

const aKey = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

// texts are those of fields that take not every text; for lists one after another.
var texts = map[protoreflect.FullName][]string{
	pkg + "Application.name":                      {"reports"},
	pkg + "Application.release_label":             {"emr-7.2.0"},
	pkg + "Application.tags":                      {"data", ""},
	pkg + "Application.constraints":               {"disk == nvme", "zone in (a, b)"},
	pkg + "Application.preferences":               {"rack != r1", "gpu exists"},
	pkg + "Application.spread":                    {"example.com/rack"},
	pkg + "JobRun.constraints":                    {"disk == nvme", "cores > 8"},
	pkg + "Network.subnet_ids":                    {"subnet-1", "subnet-2"},
	pkg + "Network.security_group_ids":            {"sg-1", "sg-2"},
	pkg + "Image.uri":                             {"registry.example.com:5000/spark/mine:7"},
	pkg + "IdentityCenter.instance_arn":           {"arn:aws:sso:::instance/ssoins-1234567890abcdef"},
	pkg + "Configuration.classification":          {"spark-defaults", "spark-env"},
	pkg + "S3Monitoring.log_uri":                  {"s3://logs/here"},
	pkg + "S3Monitoring.encryption_key_arn":       {aKey},
	pkg + "ManagedPersistence.encryption_key_arn": {aKey},
	pkg + "LogService.log_group_name":             {"/headrace/runs"},
	pkg + "LogService.log_stream_name_prefix":     {"stream"},
	pkg + "LogService.encryption_key_arn":         {aKey},
	pkg + "LogTypes.logs":                         {"STDOUT", "STDERR"},
	pkg + "PrometheusMonitoring.remote_write_url": {"https://metrics.example.com/write"},
	pkg + "DiskEncryption.key_arn":                {aKey},
	pkg + "DiskEncryption.context":                {"one", "two"},
	pkg + "JobRun.name":                           {"nightly"},
	pkg + "JobRun.execution_role":                 {"arn:aws:iam::123456789012:role/runs"},
	pkg + "JobRun.tags":                           {"data", ""},
	pkg + "ExecutionPolicy.policy":                {"{\"Version\": \"2012-10-17\",\n\"Statement\": []}"},
	pkg + "ExecutionPolicy.policy_arns":           {"arn:aws:iam::aws:policy/ReadOnly", "arn:aws:iam::aws:policy/Logs"},
	pkg + "SparkSubmit.entry_point":               {"s3://programs/count.py"},
	pkg + "SparkSubmit.entry_point_arguments":     {"--date=2026-03-14", ""},
	pkg + "SparkSubmit.spark_submit_parameters":   {"--conf spark.executor.cores=2 --conf 'spark.app.name=a b'"},
	pkg + "Hive.query":                            {"SELECT '<é>';\n"},
	pkg + "Hive.init_query_file":                  {"s3://programs/init.sql"},
	pkg + "Hive.parameters":                       {"--hiveconf hive.x=y"},
	pkg + "Process.command":                       {"/bin/echo", ""},
	pkg + "Process.task_command":                  {"/bin/echo", "two words"},
}

// keys are those of maps that take not every key.
var keys = map[protoreflect.FullName][]string{
	pkg + "Application.initial_capacity":           {"Driver", "Executor"},
	pkg + "Application.worker_type_specifications": {"Driver", "Executor"},
	pkg + "Application.tags":                       {"team", "cost.centre"},
	pkg + "JobRun.tags":                            {"team", "cost.centre"},
	pkg + "LogService.log_types":                   {"SPARK_DRIVER", "SPARK_EXECUTOR"},
	pkg + "Process.environment":                    {"PATH", "HOME"},
}

// integers are those of numbers that may not be small.
var integers = map[protoreflect.FullName]int64{
	pkg + "Scheduler.queue_timeout_minutes":  60,
	pkg + "JobRun.execution_timeout_minutes": 90,
}
