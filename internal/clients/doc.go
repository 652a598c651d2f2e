// Command clients runs real clients of the EMR Serverless API, unmodified and pinned, against a cluster of its own:
// each goes through the first tutorial of the original's guide with a real Spark job, and prints a line for every
// operation.
//
//	go -C internal/clients run . [-only boto3,cli1] [-all] [-headrace ../../bin/headrace]
//
// It runs in its own folder, which is a module of its own (go.mod says why) and has the tests that use the SDK for Go,
// too (package sdk).
//
// Clients come from the registries of their languages, into $HEADRACE_CACHE/clients, else headrace/clients in the
// user's cache directory, once. Without flags those run that install in seconds; -all adds the AWS CLI in two versions
// and Airflow in two.
//
//	main.go     the flags, and a cluster
//	client.go   the clients, and how one is run
//	install.go  how one comes to this machine; command.go: how it is started
package main
