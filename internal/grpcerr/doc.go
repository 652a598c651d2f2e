// Package grpcerr maps kinds of error to gRPC and back, and to the HTTP API, by one table.
package grpcerr
