// Package manifest reads and writes applications and job runs as files, in the names of the EMR Serverless API, and compares them
// with what a cluster has. headrace apply and headrace export use it; the flags that take JSON, such as --runtime-configuration, use
// its decoder, so that a typing error is told the same way everywhere.
//
//	document.go     a document: kind, name, spec; set.go: those of all files
//	application.go  job_run.go configuration.go monitoring.go capacity.go   the shapes, each with its way to and from the API
//	decode.go       strict decoding: every problem with its line, its path and the nearest name
//	flatten.go      a shape as a list of paths and values
//	change.go       two such lists compared
//
// The package does no I/O and calls nobody.
package manifest
