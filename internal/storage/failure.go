package storage

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"github.com/headrace/headrace/internal/errs"
)

// failure returns the error of an operation, such as read, on a file of this machine.
func failure(operation string, at location, err error) error {
	switch {
	case isMissing(err):
		return missing(operation, at, err)
	case ended(err):
		return told(errs.Unavailable, operation, at, stopped, err)
	case errors.Is(err, fs.ErrPermission):
		why := "this process's user may not; give it the right to " + operation + " there"
		return told(errs.Forbidden, operation, at, why, err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return told(errs.Unavailable, operation, at, "the disk is full; free space there", err)
	case misnamed(err):
		why := "a folder has that name, a file has a folder's, or a name is too long; take another name"
		return told(errs.Invalid, operation, at, why, err)
	}
	return told(errs.Unavailable, operation, at, err.Error()+"; try again, or look at that disk", err)
}

// misnamed says whether no file can have that name there.
func misnamed(err error) bool {
	for _, number := range []error{syscall.EEXIST, syscall.EISDIR, syscall.ENOTDIR, syscall.ENAMETOOLONG} {
		if errors.Is(err, number) {
			return true
		}
	}
	return false
}

const stopped = "the caller stopped waiting; try again with more time"

// told returns an error whose message is ours, and whose cause is for the log.
func told(kind errs.Kind, operation string, at location, why string, cause error) error {
	e := errs.New(kind, "cannot %s %s: %s", operation, at.uri, why)
	e.Cause = cause
	return e
}

// missing returns the error about a file that is not there.
func missing(operation string, at location, cause error) error {
	return told(errs.NotFound, operation, at, "there is no such file; check the name", cause)
}

// isMissing says whether nothing has that name.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// ended says whether the caller, or the time that it gave, ended an operation.
func ended(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
