// Package manifest reads and writes applications and job runs as files, and compares them with what a cluster has. What
// files may say is the schema of proto/headrace/spec/v1, in the names of the EMR Serverless API; package codec reads
// and writes it, and package spec checks it. headrace apply, headrace export and -o yaml use the files; the flags that
// take JSON, such as --runtime-configuration, are read in the same way, so a typing error gets the same message
// everywhere.
//
//	document.go  application.go  job_run.go  a document: kind, name, spec; set.go: those of all files
//	reader.go    reads one document, and tells every problem with its line; problem.go: a problem
//	change.go    a document compared with what the cluster has
//	secret.go    values that a file does not show; refusal.go: errors of a cluster in the names of files
//	option.go    what flags say in JSON
//	write.go     documents as a file
//
// The name stands beside the spec, not in it, because apply identifies applications and job runs by their names.
//
// The package does no I/O and calls nobody.
package manifest
