// Package demo shows Headrace at work: it starts a cluster on this machine, counts the words of a text there with
// Spark, and says what came out, where every worker ran and how long each phase took. Then it stops everything.
package demo
