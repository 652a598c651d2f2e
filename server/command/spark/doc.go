// Package spark says what a Spark submission means: the sizes of its workers, how many there are, and the properties, main class
// and environment that its driver gets. It is pure; the same submission always gives the same Settings.
//
// # Which setting wins
//
// Highest first: the submission's parameters (a dedicated option such as --executor-memory before --conf, as in spark-submit;
// of two equal ones the last), the classification spark-defaults, the site files (as spark.hadoop.*: hive-site
// before tez-site, emrfs-site, mapred-site and core-site), the defaults of the release. A run's classification replaces its application's whole; package configuration
// has decided on that before.
//
// Properties of the service are understood as spark.headrace.* and as spark.emr-serverless.*; they come out as
// spark.headrace.*. The level decides first; if one level has both spellings, spark.headrace.* wins.
//
// A default never outvotes what somebody asked for: executors start as the largest of minExecutors, initialExecutors and
// executor.instances, like in Spark, but of what was set; the default of 3 counts only if neither of the last two was, and not
// above maxExecutors. An initial number below the minimum is raised to it; a minimum or initial number above the maximum is
// refused, also above a release's default maximum of 100.
//
// # Sizes
//
// A worker's memory is its heap, plus the overhead (memoryOverhead, or memoryOverheadFactor of the heap, at least 384 MB), plus
// for executors spark.memory.offHeap.size if that is enabled and spark.executor.pyspark.memory; rounded up on the ladder of
// package resource.
//
// # What nobody may set
//
// Refused, because the user would be misled: spark.master, spark.submit.deployMode and spark.authenticate.secret (also
// secret.file and the like); --master, --deploy-mode and --properties-file; variables of workers that the platform sets
// (SPARK_CONF_DIR, HEADRACE_* and the like).
//
// Silently left out, because the platform sets them for every attempt: spark.driver.host, spark.driver.bindAddress,
// spark.driver.port, spark.driver.blockManager.port, spark.blockManager.port, spark.app.id, spark.executor.id, spark.local.dir,
// spark.shuffle.service.enabled (there is no such service).
//
// Everything else is handed to Spark as it is, also what this package does not know.
package spark
