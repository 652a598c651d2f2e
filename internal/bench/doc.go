// Command bench measures Headrace on this machine and prints what it measured as a table; it also writes a JSON line
// per figure.
//
//	go run ./internal/bench [-only door,schedule,packing,log,history,nodes,process,isolation,http,spark]
//		[-nodes 5000] [-row 20] [-out build/bench.json] [-headrace bin/headrace]
//
//	door      decisions per second, beside a bare hashicorp/raft loop with one Apply per caller, in the same run
//	schedule  decisions of the planner, at 1,000 to 50,000 nodes, and their growth
//	packing   how full sites of mixed machines get, and how long runs wait there, by policy; -plot FILE draws it
//	log       log bytes and events per executor
//	history   how soon runs of a long history (-history-runs) are found and listed, and what that takes
//	http      calls per second of the HTTP API with signatures, beside a bare handler that only verifies the same ones
//	nodes     what servers do with thousands of simulated nodes: registration, the cost of nodes that are idle, and
//	          runs per second
//	process   from StartJobRun to RUNNING, on a real cluster of three servers and six agents
//	isolation from StartJobRun to RUNNING and of a warm Spark run, with a sandbox for every worker and without any
//	spark     the time lines of a cold and of a warm Spark run, beside Spark's own standalone cluster and local[1] on
//	          the same program, and so many warm runs in a row
//
// Nothing is asserted: figures depend on the machine, so compare the ones of the same run.
//
//	main.go      the sections, one after another
//	figures.go   what is measured: a table, and a file
//	gobench.go   figures of Go benchmarks: door and log; schedule.go: those of the planner; packing.go: what it packs
//	process.go, phases.go, timeline.go   when a run reaches what
//	nodes.go, isolation.go, http.go, history.go   a section each
//	spark.go, sparkrun.go, peers.go, waiting.go   Spark, beside its own cluster, and processes that wait
//	servers.go   servers in this process; cluster.go, group.go: a cluster of processes
package main
