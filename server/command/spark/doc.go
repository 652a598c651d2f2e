// Package spark says what a Spark submission means: the sizes of its workers, how many there are, and the properties,
// main class and environment that its driver gets. It is pure; the same submission always gives the same Settings.
//
// # Which setting wins
//
// The levels, highest first:
//
//  1. the submission's parameters; a dedicated option such as --executor-memory wins over --conf, as in spark-submit,
//     and if an option is given twice, the last one wins
//  2. the classification spark-defaults
//  3. the site files, as spark.hadoop.*: hive-site before tez-site, emrfs-site, mapred-site and core-site
//  4. the defaults of the release
//
// A classification of the run replaces the whole one of its application; package configuration has decided that before.
//
// Properties of the service may be written as spark.headrace.* or as spark.emr-serverless.*; the result has
// spark.headrace.*. The level decides first. If one level has both spellings, spark.headrace.* wins.
//
// A default never wins over what somebody asked for. As in Spark, a run starts with the largest of minExecutors,
// initialExecutors and executor.instances, but only of those that were set. The default of 3 counts only if neither of
// the last two was set, and not above maxExecutors. If the initial number is below the minimum, it is raised to the
// minimum. If the minimum or the initial number is above the maximum, it is refused, also if the maximum is a release's
// default of 100.
//
// # Sizes
//
// A worker's memory is its heap plus the overhead (memoryOverhead, or memoryOverheadFactor of the heap, at least
// 384 MB). An executor also has spark.memory.offHeap.size, if that is enabled, and spark.executor.pyspark.memory. The
// sum is rounded up on the ladder of package resource.
//
// # What nobody may set
//
// Refused, because the user would be misled: spark.master, spark.submit.deployMode and spark.authenticate.secret (also
// secret.file and the like); --master, --deploy-mode and --properties-file; variables of workers that the platform sets
// (SPARK_CONF_DIR, HEADRACE_* and the like).
//
// Silently left out, because the platform sets them for every attempt: spark.driver.host, spark.driver.bindAddress,
// spark.driver.port, spark.driver.blockManager.port, spark.blockManager.port, spark.app.id, spark.executor.id,
// spark.local.dir, spark.shuffle.service.enabled (there is no such service).
//
// Everything else is passed to Spark as it is, also what this package does not know.
//
//	spark.go         what goes in, what comes out, and in which order it is settled
//	level.go         the levels of settings; package property merges and reads them
//	option.go        the submission's parameters; service.go: the classification spark
//	default.go       the lowest level: what a release sets for every run
//	size.go          sizes of workers; memory.go: amounts as Spark reads them; executor.go: how many executors
//	enforced.go      what users may not set, and what the platform sets instead
//	environment.go   variables of workers
//	string.go        what Linux can start a process with
package spark
