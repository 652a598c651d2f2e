// Package hive says what a Hive submission means: the sizes of its driver and of its Tez tasks, how many tasks there are, and the
// hive-site, variables and environments that its processes get. It is pure; the same submission always gives the same Settings.
//
// # Which setting wins
//
// Highest first: --hiveconf in the submission's parameters (of two equal ones the last), the effective configuration of the run
// (hive-site, and under it tez-site, emrfs-site, mapred-site and core-site; each merged by the caller), the defaults of the release (default.go).
//
// Properties of the service are understood as hive.headrace.launch.env.KEY and as hive.emr-serverless.launch.env.KEY, and likewise
// for tez.am and tez.task. The level decides first; if one level has both spellings, ours wins. They become environments and are
// not part of the hive-site that comes out. Among the environments the narrower prefix wins, whatever the level: tez.am and
// tez.task before hive.
//
// Names that this package does not know are handed to Hive as they are.
//
// # What must be there
//
// A query, hive.exec.scratchdir and hive.metastore.warehouse.dir. A run that replaces or removes the classification hive-site loses
// what the application had there.
//
// # Sizes
//
// A worker's memory is what the property says: the overhead is part of it. It is rounded up on the ladder of package resource.
// The command line and the Tez application master share the driver's worker equally, with 20 % left free: each has a heap of 40 %.
//
// What Hive and Tez derive from the memory of a task is computed here if nobody set it, with the fractions that Hive's and Tez's
// own guides recommend (buffer.go).
//
// # Secrets
//
// Parameters and values may hold passwords, such as javax.jdo.option.ConnectionPassword. Errors never repeat a word of the
// parameters; they repeat values only of properties about sizes and numbers, which this package reads.
package hive
