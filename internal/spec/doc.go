// Package spec holds what users say of applications and job runs to the rules, and writes out what they did not say.
// The messages are those of proto/headrace/spec/v1, which servers, the command line and the files of users share; so
// are these rules: an error names the field below spec, as spec.auto_stop.idle_timeout_minutes or
// spec.initial_capacity[Driver].worker_size, and says what is allowed.
//
//	application.go      job_run.go      the rules that need more than one field, one after the other
//	application_default.go   job_run_default.go   what was not said
//	initial_capacity.go maximum_capacity.go process.go configuration.go monitoring.go constraint.go tag.go   the rules of
//	                    each part
//	worker_type.go      the types of workers of each engine, as users write them
//	replace.go diff.go  updates
//	rules.go            the rules that stand in the protos, checked by protovalidate; words.go: what they say to people
//	text.go             the options of the protos: what stands on terminals; what is no text, or no word of a list
//	outline.go          the fields of a message, read from its descriptor once
//	prune.go            messages that are there and say nothing
//	finding.go          what is wrong in a spec, and where
//
// The package is pure: no clock, no I/O, no randomness. What it returns shares nothing with what it was given, unless
// it says so, and it never changes its arguments.
package spec
