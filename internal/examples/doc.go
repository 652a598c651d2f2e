// Command examples runs every example of the folder examples as its page says, on a cluster of its own, and compares
// what it prints with what was computed here, without Spark.
//
//	go run ./internal/examples [-only word-count,streaming] [-headrace bin/headrace]
package main
