package sigv4

import (
	"fmt"
	"net/http"
)

// Error is a refusal as clients of AWS know it. Its message names no secret.
type Error struct {
	// Name is the error's type, as in x-amzn-errortype.
	Name string
	// Status is the HTTP status.
	Status int
	// Message says what is wrong and what to do.
	Message string
}

// Error returns the name and the message.
func (e *Error) Error() string { return e.Name + ": " + e.Message }

// Refusal returns how the HTTP API tells the error.
func (e *Error) Refusal() (kind string, status int, message string) {
	return e.Name, e.Status, e.Message
}

// The names of refusals. Clients of AWS correct their clock and try again after RequestExpired and RequestInTheFuture.
const (
	Missing      = "MissingAuthenticationTokenException" // the request is not signed
	Incomplete   = "IncompleteSignatureException"        // the signature is not as it must be
	Unrecognized = "UnrecognizedClientException"         // the access key is not known, or was revoked
	Mismatch     = "SignatureDoesNotMatch"               // something else was signed, or with another secret
	Expired      = "RequestExpired"                      // signed too long ago
	Future       = "RequestInTheFuture"                  // signed too far ahead
)

// refuse returns a refusal, 403 as all of them.
func refuse(name, format string, args ...any) *Error {
	return &Error{Name: name, Status: http.StatusForbidden, Message: fmt.Sprintf(format, args...)}
}
