// Package logpath names the folders and files of a run's logs: on a node, where they are written, and at every
// destination that they are taken to. The layout is that of EMR Serverless, so that tools which read one read the
// other:
//
//	applications/<application>/jobs/<run>/[attempts/<attempt>/]   the attempt's folder
//	    <kind>/[<number>/]stdout.gz, stderr.gz         the newest part of the output, at most 128 MiB before gzip
//	    <kind>/[<number>/]archived/stdout_<index>.gz   older parts of exactly 128 MiB, from index 0
//	    sparklogs/eventlog_v2_.../...                  Spark's event log, as a history server reads it
//
// The attempt is there if a run may have more than one. All workers but drivers have a number. A later worker of the
// same number, perhaps on another node, has its epoch after the number. On a node, stdout and stderr are whole and not
// compressed.
package logpath
