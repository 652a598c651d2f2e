// Package eventlog knows the files of Spark's event logs by their names: which are some, in which order they are read,
// and which of them say that a log is finished. It touches no files.
//
//	eventlog_v2_<application>/           a log in parts, as Headrace has Spark write it
//	    events_<index>_<application>     a part, from index 1 on
//	    appstatus_<application>          its mark; ends with .inprogress until the log is finished
//	<application>                        a log in one file, which ends with .inprogress likewise
//
// Spark reads a log in parts only if it has a mark, and no part is missing before the last one.
//
//	name.go    what a name says
//	order.go   the order of files
//
// Package shipping takes event logs from drivers, and package history shows them.
package eventlog
