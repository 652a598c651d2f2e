// Package sdk has tests only: they call the HTTP API of a cluster with the AWS SDK for Go, which reads answers most
// strictly of all clients. Tests of the API that need no SDK are in server/control/http.
package sdk
