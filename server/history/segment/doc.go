// Package segment is the form of the history on disk. A segment is a Parquet file of job runs that are over, a row for
// each, sorted by application and by when they were submitted. Its columns are what people ask for, with statistics, so
// that Spark, DuckDB or pandas read it; the last three hold what the state knew of the run, for the servers alone:
//
//	application_row  the run's application, as it was; like settings_row it is the same for many, and in the dictionary
//	settings_row     what the run inherits from it; empty: nothing
//	run_row          the run, its attempts and its workers
//
// A segment never changes, so its digest names it. Beside it each server keeps an index, which it makes of the segment:
// the ids of runs and workers with their rows, and of runs what lists select by, all of one length, so that a search
// reads a few blocks of it and keeps nothing in memory.
//
//	row.go      the columns, and what they say of a run
//	write.go    a segment of runs of the state
//	read.go     its rows
//	entry.go    an entry of the index, and what it selects by
//	index.go    the index, made of a segment; search.go: searched
//	table.go    its entries, in pages with checksums
package segment
