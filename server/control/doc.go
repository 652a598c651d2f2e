// Package control is the native gRPC API: its services, one file for each noun, and their assembly. A service checks
// the shape of a request and translates it. A write becomes a command for the door; a read becomes a look at a view. No
// rule about applications, runs or nodes lives here.
//
//	control.go      what the API needs of the server, and its assembly
//	application.go, job_run.go, job_run_list.go, log.go, ui.go, explain.go, tag.go, worker.go, node.go, cluster.go,
//	node_service.go,
//	watch.go, release.go, access_key.go, upload.go, history.go   the services, by noun
//	job_run_history.go                    a list of runs of the state and of the history
//	submission.go, program.go             a StartJobRunRequest, checked: as package spec does, and whether Linux could
//	                                      start it
//	states.go                             the states that a list call names
//
// What a request says is checked here as far as that needs no state, and the error has the field, the value and what is
// allowed. What it says of applications and job runs is checked by package spec.
//
// What several services need, and what is more than a service, has a package of its own:
//
//	routing       brings a call to the server that answers it: forwarding, request ids, reads, who may call
//	paging        pages of lists, and their tokens
//	message       rows of the state, as messages of the API
//	logreader     the log of a worker, from its node or from where it is kept
//	peers         what servers do for each other, and data streams of nodes
//	explanation   why a run waits, in words
//	privacy       what an answer hides from its caller
//	http          the HTTP API of EMR Serverless, in front of this one
//
// None of them imports this package. Among them, logreader imports peers, peers imports routing, and routing imports
// privacy.
package control
