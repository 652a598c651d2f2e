// Package state holds what the cluster knows: applications, job runs, attempts, workers, slots, nodes, releases and the
// outcomes of requests, as immutable rows in ordered copy-on-write maps, with the indexes that decisions need.
//
// A View is a picture at one record. It never changes, so any number of readers may keep it. View.Begin starts a Tx, a
// scratch copy that costs microseconds; Tx.Commit turns it into the next View. Only package fsm changes state for good,
// by applying the events of a record; the door uses the same functions on scratch copies.
//
// What a node or an application uses is derived: the function that adds or removes a slot changes it as well, and
// View.Check counts it again. No other code may keep such a figure.
//
// What many runs share is kept once: they name it by its digest, and it is forgotten with the last of them
// (docs/decisions/0017).
//
//	view.go          the state at one record, with its tables and indexes; tx.go: a scratch copy of it
//	table.go         an ordered copy-on-write map
//	application.go   applications; terms.go: what their specs mean
//	job_run.go       runs; shape.go: which workers they have
//	attempt.go       attempts; worker.go: workers; slot.go: slots, and what they hold
//	node.go          nodes; node_service.go: what keeps them out of service
//	release.go: releases; access_key.go: access keys; request.go: outcomes of requests
//	content.go       what runs share, by digest
//	changes.go       what a record put and removed
//	finished.go      runs that are over, and how they leave; segment.go: the files that they are in then
//	run_counts.go    runs by state; pool_counts.go: pre-initialised slots by type; both derived
//	values.go        what several rows have: engines, types, failures
//	check.go         the invariants
//	dump.go          the state as text
package state
