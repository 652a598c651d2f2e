// Command releasetest runs real jobs on every version of Spark that the release table can fetch, each through agents
// and the plug-in as users' runs are: a JVM job, and a PySpark job where the machine's Python is not too new for that
// PySpark; each cold, and in pre-initialised workers. A job has a driver, an executor, and a second executor that
// dynamic allocation asks for.
//
//	go run ./internal/releasetest [-only emr-6.9.0,emr-7.2.0] [-releases DIR] [-python python3] [-headrace bin/headrace]
//
// It fetches what is missing, some 300 MB for each version, into a cache of its own, where each release has a folder
// and, while it is tested, a cluster: agents write an archive of class data for every release that they have, which
// nothing else needs to wait for. It prints a line per release, and fails when a job did not do what it should, or was
// cold where it should not be.
//
//	main.go  the flags, and one release after another
//	line.go  which releases, and their caches
//	test.go  a release, tested on a cluster; jobs.go: the programs; run.go: a run of one
package main
