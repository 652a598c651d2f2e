package hive

import "github.com/headrace/headrace/internal/releases"

// Properties that this package reads.
const (
	scratchDir   = "hive.exec.scratchdir"
	warehouseDir = "hive.metastore.warehouse.dir"
	driverCores  = "hive.driver.cores"
	driverMemory = "hive.driver.memory"
	taskCores    = "hive.tez.cpu.vcores"
	taskMemory   = "hive.tez.container.size"
	maxTasks     = "hive.max-task-containers"
	prewarm      = "hive.prewarm.enabled"
	prewarmTasks = "hive.prewarm.numcontainers"
)

// row is a property that the service documents, with its value if nobody sets it.
type row struct {
	key, value string // no value: the property is not set
	from       string // the first version that has the default; empty: all
	until      string // the first version that no longer has it; empty: none
}

// rows is the lowest level, in the order of the names. Words have the case that Hive compares them in.
var rows = []row{
	{key: "fs.s3.customAWSCredentialsProvider", value: "com.amazonaws.auth.DefaultAWSCredentialsProviderChain"},
	{key: "fs.s3a.aws.credentials.provider", value: "com.amazonaws.auth.DefaultAWSCredentialsProviderChain"},
	{key: "hive.auto.convert.join", value: "true"},
	{key: "hive.auto.convert.join.noconditionaltask", value: "true"},
	{key: mapJoinSize}, // computed from the memory of a task
	{key: "hive.cbo.enable", value: "true"},
	{key: "hive.cli.tez.session.async", value: "true"},
	{key: "hive.compute.query.using.stats", value: "true"},
	{key: "hive.default.fileformat", value: "TEXTFILE"},
	{key: driverCores, value: "2"},
	{key: "hive.driver.disk", value: "20G"},
	{key: "hive.driver.disk.type", value: "standard"},
	{key: driverMemory, value: "6G"},
	{key: allEnv + "[KEY]"},
	{key: "hive.exec.dynamic.partition", value: "true"},
	{key: "hive.exec.dynamic.partition.mode", value: "strict"},
	{key: "hive.exec.max.dynamic.partitions", value: "1000"},
	{key: "hive.exec.max.dynamic.partitions.per.node", value: "100"},
	{key: "hive.exec.orc.split.strategy", value: "HYBRID"},
	{key: "hive.exec.reducers.bytes.per.reducer", value: "256000000"},
	{key: "hive.exec.reducers.max", value: "256"},
	{key: "hive.exec.stagingdir", value: ".hive-staging"},
	{key: "hive.fetch.task.conversion", value: "more"},
	{key: "hive.groupby.position.alias", value: "false"},
	{key: "hive.input.format", value: "org.apache.hadoop.hive.ql.io.CombineHiveInputFormat"},
	{key: "hive.log.explain.output", value: "false"},
	{key: "hive.log.level", value: "INFO"},
	{key: "hive.mapred.reduce.tasks.speculative.execution", value: "true", until: "6.11.0"},
	{key: maxTasks, value: "1000"},
	{key: "hive.merge.mapfiles", value: "true"},
	{key: "hive.merge.size.per.task", value: "256000000"},
	{key: "hive.merge.tezfiles", value: "false"},
	{
		key:   "hive.metastore.client.factory.class",
		value: "org.apache.hadoop.hive.ql.metadata.SessionHiveMetaStoreClientFactory",
	},
	{key: "hive.metastore.glue.catalogid"},
	{key: "hive.metastore.uris"},
	{key: "hive.optimize.ppd", value: "true"},
	{key: "hive.optimize.ppd.storage", value: "true"},
	{key: "hive.orderby.position.alias", value: "true"},
	{key: prewarm, value: "false"},
	{key: prewarmTasks, value: "10"},
	{key: "hive.stats.autogather", value: "true"},
	{key: "hive.stats.fetch.column.stats", value: "false"},
	{key: "hive.stats.gather.num.threads", value: "10"},
	{key: "hive.strict.checks.cartesian.product", value: "false"},
	{key: "hive.strict.checks.type.safety", value: "true"},
	{key: "hive.support.quoted.identifiers", value: "column"},
	{key: "hive.tez.auto.reducer.parallelism", value: "true"},
	{key: taskMemory, value: "6144"},
	{key: taskCores, value: "2"},
	{key: "hive.tez.disk.size", value: "20G"},
	{key: "hive.tez.disk.type", value: "standard"},
	{key: "hive.tez.input.format", value: "org.apache.hadoop.hive.ql.io.HiveInputFormat"},
	{key: "hive.tez.min.partition.factor", value: "0.25"},
	{key: "hive.vectorized.execution.enabled", value: "true"},
	{key: "hive.vectorized.execution.reduce.enabled", value: "true"},
	{key: "javax.jdo.option.ConnectionDriverName", value: "org.apache.derby.jdbc.EmbeddedDriver"},
	{key: "javax.jdo.option.ConnectionPassword"},
	{key: "javax.jdo.option.ConnectionURL", value: "jdbc:derby:;databaseName=metastore_db;create=true"},
	{key: "javax.jdo.option.ConnectionUserName"},
	{key: "mapreduce.input.fileinputformat.split.maxsize", value: "0"},
	{key: "tez.am.dag.cleanup.on.completion", value: "true"},
	{key: tezAMEnv + "[KEY]"},
	{key: "tez.am.log.level", value: "INFO"},
	{key: "tez.am.sleep.time.before.exit.millis", value: "0"},
	{key: "tez.am.speculation.enabled", value: "false", until: "6.11.0"},
	{key: "tez.am.task.max.failed.attempts", value: "3"},
	{key: "tez.am.vertex.cleanup.height", value: "0", from: "6.8.0"},
	{key: "tez.client.asynchronous-stop", value: "false"},
	{key: "tez.grouping.max-size", value: "1073741824"},
	{key: "tez.grouping.min-size", value: "16777216"},
	{key: sortBuffer},      // computed from the memory of a task
	{key: unorderedBuffer}, // computed from the memory of a task
	{key: "tez.shuffle-vertex-manager.max-src-fraction", value: "0.75"},
	{key: "tez.shuffle-vertex-manager.min-src-fraction", value: "0.25"},
	{key: tezTaskEnv + "[KEY]"},
	{key: "tez.task.log.level", value: "INFO"},
	{key: "tez.yarn.ats.event.flush.timeout.millis", value: "300000"},
}

// releaseDefaults is what a release sets for every run.
func releaseDefaults(label string) map[string]string {
	defaults := map[string]string{}
	for _, r := range rows {
		tooOld := r.from != "" && releases.Before(label, r.from)
		tooNew := r.until != "" && !releases.Before(label, r.until)
		if r.value != "" && !tooOld && !tooNew {
			defaults[r.key] = r.value
		}
	}
	return defaults
}
