// Package cli has the commands of a cluster's users and operators: application, job-run, worker, tag, node, cluster,
// release, events, access-key, apply and export.
//
// A command is one file with one noun. It reads its flags into a request of the API, calls, and prints the answer as a
// table or, with --output json, as the API's own message. Progress and warnings go to the error stream.
//
// Exit codes: 0 the command did its work, and the run that it waited for, if any, ended SUCCESS; 1 that run ended
// FAILED, or apply --diff found a difference; 2 that run ended CANCELLED; 3 the command is wrong or was refused; 4 no
// server answered, or the outcome is not known: try again; 130 the user interrupted the command.
package cli
