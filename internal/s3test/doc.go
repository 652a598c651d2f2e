// Package s3test runs a real S3 server for tests: versitygw, which checks signatures, keeps files in a directory and
// knows multipart uploads, ranges and conditions. The product does not link it; its program is built once per machine
// by `make s3-server`, which takes some three minutes, into $HEADRACE_CACHE/tools, else headrace/tools in the user's
// cache directory:
//
//	server := s3test.Start(t, "logs")
//	client := storage.New(server.Config)
//
// Many servers may run at once, each with credentials and a directory of its own. It dies with the process that started
// it.
//
//	server.go   a server, for a test or anybody else; start.go: until it answers; bucket.go: with its buckets
//	process.go  its process
//	program.go  its program, built once
package s3test
