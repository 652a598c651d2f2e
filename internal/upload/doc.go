// Package upload says how a job run names a file that its user gave the servers: by a URI with the digest of what the
// file holds, and with the name that it has for the run:
//
//	headrace://sha256-<64 hexadecimal digits>/count.py
//
// Such a URI may stand where a program is named: as a Spark run's entry point, or as the first word of a PROCESS run's
// command and of its tasks'. Servers keep the file for its user (server/uploads), agents put it into the working
// directory of each worker that needs it (agent/engine).
//
//	file.go     a file, by its URI
//	job_run.go  the files that a job run names, and where it may not name one
package upload
