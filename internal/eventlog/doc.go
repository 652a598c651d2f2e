// Package eventlog knows the files of Spark's event logs by their names: which are some, in which order they are read,
// and which of them say that a log is finished. It touches no files.
//
//	eventlog_v2_<application>/           a log in parts, as Headrace has Spark write it
//	    events_<index>_<application>     a part, from index 1 on
//	    events_<index>_<...>.compact     a part that stands for all up to its index: those before it are not read
//	    appstatus_<application>          its mark; ends with .inprogress until the log is finished
//	<application>                        a log in one file, which ends with .inprogress likewise
//
// Spark reads a log in parts only if it has a mark, and no part is missing before the last one. It need not begin at
// index 1; but a history server shows it only if it finds there which application wrote it, which the first part says,
// in SparkListenerApplicationStart. So a log of which only some parts are shown begins with its first part, under the
// name of a compacted one just before the others. Where that part is kept no more, or is too large, a file that says
// who wrote the log stands in its place, which package history makes.
//
//	name.go    what a name says
//	order.go   the order of files
//	part.go    the parts of a log, and names of compacted ones
//	shown.go   what is shown of logs that are large, or lack parts
//
// Package shipping takes event logs from drivers, and package history shows them.
package eventlog
