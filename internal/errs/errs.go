package errs

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what sort of refusal or failure an error is. Append only.
type Kind int

// The kinds.
const (
	Internal     Kind = iota // a bug, or a machine that failed; details are for the log only
	Invalid                  // the request is wrong, and stays wrong: Field names where
	NotFound                 // what the request names does not exist
	Conflict                 // a request id was used for another request
	WrongState               // not possible in the state that the thing is in
	TooLarge                 // can never fit in a limit or in the cluster
	Overloaded               // a queue is full: try again later
	Unknown                  // the outcome is not known: repeat with the same request id
	NotLeader                // this server does not lead: ask the one that does
	Unavailable              // nobody can serve this now: try again
	Compacted                // the events asked for are no longer kept
	Unauthorized             // the caller did not prove who it is
	Forbidden                // the caller may not do this
	Refused                  // a proposal that no longer holds; the proposer may try again
)

var names = [...]string{
	"INTERNAL",
	"INVALID",
	"NOT_FOUND",
	"CONFLICT",
	"WRONG_STATE",
	"TOO_LARGE",
	"OVERLOADED",
	"UNKNOWN_OUTCOME",
	"NOT_LEADER",
	"UNAVAILABLE",
	"COMPACTED",
	"UNAUTHORIZED",
	"FORBIDDEN",
	"REFUSED",
}

// String returns the kind's name on the wire.
func (k Kind) String() string { return names[k] }

// KindNamed returns the kind of that name; Internal if there is none.
func KindNamed(name string) Kind {
	for k, n := range names {
		if n == name {
			return Kind(k)
		}
	}
	return Internal
}

// Error is an error with a kind.
type Error struct {
	Kind    Kind
	Field   string // the request's field that is wrong, such as retry_policy.max_attempts; may be empty
	Message string // what could not be done, with numbers and the next step
	Cause   error  // for the log; may be nil
}

// Error returns the message for people.
func (e *Error) Error() string {
	if e.Field != "" {
		return e.Field + ": " + e.Message
	}
	return e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New returns an error of a kind. A %w in the format becomes its cause.
func New(kind Kind, format string, args ...any) *Error {
	wrapped := fmt.Errorf(format, args...)
	return &Error{Kind: kind, Message: cut(wrapped.Error(), maxMessage), Cause: errors.Unwrap(wrapped)}
}

// Field returns an Invalid error about one field of the request.
func Field(field, format string, args ...any) *Error {
	e := New(Invalid, format, args...)
	e.Field = cut(field, maxField)
	return e
}

// The bounds of what callers are told, in bytes: what they wrote is repeated in messages, and may be long.
const (
	maxMessage = 8 << 10
	maxField   = 512
)

// cut keeps the beginning of a text, as valid text.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + " ..."
}

// KindOf returns the kind of the outermost Error in err's chain; Internal if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is says whether err is of that kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }
