// Command examples runs every example of the folder examples as its page says, on a cluster of its own, and compares
// what it prints with what was computed here, without Spark.
//
//	go run ./internal/examples [-only word-count,streaming] [-headrace bin/headrace]
//
//	main.go      the cluster, and one example after the other
//	want.go      what each is to print; history.go: that of the example that asks the history
package main
