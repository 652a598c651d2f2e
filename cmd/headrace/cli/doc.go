// Package cli has the commands of a cluster's users and operators: application, job-run, worker, tag, node, cluster,
// release, events, history, access-key, apply and export.
//
// A command is one file with one noun. It reads its flags into a request of the API, calls, and prints the answer as a
// table or, with --output json, as the API's own message. Progress and warnings go to the error stream.
//
//	access_key.go, cluster.go, events.go, logs.go, node.go, tag.go, worker.go   each a noun, with its commands
//	cluster_remove.go    a server that is not to come back
//	application.go, application_create.go, application_clone.go, application_update.go   applications
//	application_state.go, readiness.go   applications that start and stop
//	application_settings.go, application_nodes.go, application_show.go   the flags of an application, and how it is shown
//	job_run.go, job_run_start.go, job_run_clone.go, job_run_list.go, job_run_attempts.go, job_run_explain.go   job runs
//	job_run_driver.go, size.go   the flags of a run's program; job_run_file.go: a run in a file
//	job_run_upload.go   programs that are files of this machine
//	job_run_show.go, job_run_ui.go   how a run is shown; wait.go, progress.go, reasons.go: until it is over
//	release.go, release_add.go   releases
//	history.go, history_export.go   the history, and copies of its files
//	apply.go, apply_files.go, apply_plan.go, apply_plan_run.go, apply_write.go, apply_do.go   apply; ask.go: its question
//	export.go, hidden.go   export; what a server hid is not written down
//	env.go, shared.go    what commands have of their process, and of a cluster
//	field_flag.go, failure.go   errors in the names of flags, what to do next, and exit codes
//	named.go, finder.go  names, beginnings of ids and ARNs where ids are taken; arguments.go: the words of a command
//	node_service.go      nodes that take nothing new; node_drain.go: nodes that become empty
//	finder_one.go        the same for nodes, workers and access keys
//	log_lines.go         the lines of logs: the last ones, and those of several workers
//	pairs.go, shell.go, source.go, completion.go   values as texts, from files, and offered by shells
//
// Exit codes: 0 the command did its work, and the run that it waited for, if any, ended SUCCESS; 1 that run ended
// FAILED, or apply --diff found a difference; 2 that run ended CANCELLED; 3 the command is wrong or was refused; 4 no
// server answered, or the outcome is not known: try again; 130 the user interrupted the command.
package cli
