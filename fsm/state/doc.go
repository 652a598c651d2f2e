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
package state
