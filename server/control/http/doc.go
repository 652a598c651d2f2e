// Package http is the HTTP API of EMR Serverless, for clients that were written for the original: the AWS CLI, the
// SDKs, Airflow, Terraform. It is a thin layer over the native API. A request is read with the one decoder of
// internal/spec/codec and becomes a call of the native API, and the answer is translated back. The call takes the way
// that every gRPC client's takes, with the same decisions, forwarding and errors. No rule about applications or runs
// lives here.
//
// The way of a request through Handler:
//
//	who      the Authenticator, from the header alone; without an Authenticator everybody is let in
//	body     read in a place for that, in the share of a proven access key, or else of an address (admission.go, body.go)
//	proof    that the body is the one that was signed
//	place    how many requests there may be at once, in all and of one key
//	route    operations in operations.go, matched on the escaped path: a base path in front and doubled slashes are
//	         tolerated (route.go)
//	rate     a bucket per operation, if there are rates (rates.go)
//	call     a function per operation, in the file of its noun
//	answer   JSON, always, also when there is no such path, a body is too large or a handler panics
//
//	handler.go                    all of the way; failure.go, fields.go: what of it an error is told with
//	call.go, query.go             the labels of a path, and its query
//	object.go, answer.go          an answer, in the making and written
//	applications.go, job_runs.go, tags.go, sessions.go   the operations, by noun
//	application_request.go, application_answer.go        what is read and written of an application
//	job_run_request.go, job_run_answer.go                the same of a job run
//
// Errors have the types and statuses of internal/grpcerr's table, and their fields the names that the request has
// (fields.go). A request for what the platform does not have, which is interactive sessions, is refused with a
// ValidationException that says so.
package http
