// Package hive says what a Hive submission means: the sizes of its driver and of its Tez tasks, how many tasks there
// are, and the hive-site, variables and environments that its processes get. It is pure; the same submission always
// gives the same Settings.
//
// # Which setting wins
//
// The levels, highest first:
//
//  1. --hiveconf in the submission's parameters; if a property is given twice, the last one wins
//  2. the effective configuration of the run: hive-site, and under it tez-site, emrfs-site, mapred-site and core-site,
//     each merged by the caller
//  3. the defaults of the release (default.go)
//
// Properties of the service may be written as hive.headrace.launch.env.KEY or as hive.emr-serverless.launch.env.KEY,
// and likewise for tez.am and tez.task. The level decides first. If one level has both spellings, ours wins. They
// become environments, and are not part of the resulting hive-site. Among the environments the narrower prefix wins on
// every level: tez.am and tez.task before hive.
//
// Names that this package does not know are passed to Hive as they are.
//
// # What must be there
//
// A query, hive.exec.scratchdir and hive.metastore.warehouse.dir. If a run replaces or removes the classification
// hive-site, it loses what the application had there.
//
// # Sizes
//
// A worker's memory is what the property says: the overhead is part of it. It is rounded up on the ladder of package
// resource. The command line and the Tez application master share the driver's worker equally, with 20 % left free:
// each has a heap of 40 %.
//
// What Hive and Tez derive from the memory of a task is computed here if nobody set it, with the fractions that Hive's
// and Tez's own guides recommend (buffer.go).
//
// # Secrets
//
// Parameters and values may hold passwords, such as javax.jdo.option.ConnectionPassword. Errors never repeat a word of
// the parameters; they repeat values only of properties about sizes and numbers, which this package reads.
//
//	hive.go          what goes in, what comes out, and in which order it is settled
//	level.go         the levels of settings; package property merges and reads them
//	parameter.go     --hiveconf and --hivevar
//	default.go       the lowest level: what a release sets for every run
//	size.go          sizes of driver and tasks; task.go: how many tasks; buffer.go: what a task does with its memory
//	environment.go   variables of the processes
package hive
