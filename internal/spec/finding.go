package spec

import (
	"strconv"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/printable"
)

// root begins the names of all fields, as in requests of the API.
const root = "spec"

// found is something wrong, and where it stands: below what is checked, as .worker_size or [0].
type found struct {
	at, what string
}

// finding is something wrong; nil if nothing is.
func finding(what string) *found {
	if what == "" {
		return nil
	}
	return &found{what: what}
}

// below returns it as it is seen from above, where a part of the message has a name. The way to something is put into
// words only when something is found there.
func (f *found) below(part string) *found { return &found{at: part + f.at, what: f.what} }

// err is the error to tell of it; nil if nothing was found.
func (f *found) err() error {
	if f == nil {
		return nil
	}
	return errs.Field(root+f.at, "%s", f.what)
}

func indexed(i int) string { return "[" + strconv.Itoa(i) + "]" }

// keyed writes a key that a user wrote so that it does nothing to a terminal.
func keyed(key string) string {
	return "[" + printable.Escape(strings.ToValidUTF8(key, "\ufffd"), "") + "]"
}
