package cli

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/errs"
)

// The exit codes; see doc.go.
const (
	ExitDone        = 0
	ExitFailed      = 1
	ExitCancelled   = 2
	ExitRefused     = 3
	ExitNoAnswer    = 4
	ExitInterrupted = 130
)

// Failure is the error of a command: what it could not do, why, and what to do next.
type Failure struct {
	Doing string // such as: start job run
	Err   error
	Next  string // may be empty
}

// Error returns the failure as people read it, with the next step on a line of its own.
func (f *Failure) Error() string {
	text := message(f.Err)
	if doing := "cannot " + f.Doing; !strings.HasPrefix(text, doing) { // some errors say it themselves, with the id
		text = doing + ": " + text
	}
	if f.Next != "" {
		text += "\n" + f.Next
	}
	return text
}

// Unwrap returns the error that made the command fail.
func (f *Failure) Unwrap() error { return f.Err }

// message returns the text of an error without gRPC's wrapping.
func message(err error) string {
	var known *errs.Error
	if s, ok := status.FromError(err); ok && !errors.As(err, &known) {
		return s.Message()
	}
	return err.Error()
}

// fail says what could not be done; nil stays nil.
func fail(doing string, err error) error {
	if err == nil {
		return nil
	}
	return &Failure{Doing: doing, Err: err, Next: next(err)}
}

// failField is fail for a request whose fields flags set: what is wrong has the name that the user wrote.
func failField(doing string, names fieldNames, err error) error {
	return fail(doing, names.rename(err))
}

// badFlag returns the error of a flag with a value that cannot be used.
func badFlag(flag, format string, args ...any) error { return errs.Field("--"+flag, format, args...) }

// next says what to do after an error of a kind.
func next(err error) string {
	switch errs.KindOf(err) {
	case errs.Unavailable, errs.NotLeader:
		return "Is a server running there? Name servers with --server or HEADRACE_SERVER; " +
			"headrace dev starts a cluster on this machine."
	case errs.Unknown:
		return "It may have been done or not: look before you repeat it. " +
			"What has a --client-token is done once with the same one."
	case errs.Overloaded:
		return "The cluster has more requests than it can take: try again in a while."
	case errs.NotFound:
		return "headrace application list and headrace job-run list show what there is."
	case errs.Compacted:
		return "Without --from, headrace events begins with what comes next."
	}
	return ""
}

// Ended is the error of a command that waited for a run, if the run failed or was cancelled.
type Ended struct {
	Run, State, Why string
}

// Error returns the end of the run as people read it.
func (e *Ended) Error() string {
	text := "job run " + e.Run + " ended " + e.State
	if e.Why != "" {
		text += ": " + e.Why
	}
	return text
}

// Report prints on the error stream why a command failed.
func Report(env Env, err error) { _ = output.Print(env.Err, "headrace: %v\n", err) }

// ExitCode returns the exit code for a command's error.
func ExitCode(err error) int {
	var ended *Ended
	switch {
	case err == nil:
		return ExitDone
	case errors.As(err, &ended) && ended.State == "CANCELLED":
		return ExitCancelled
	case errors.As(err, &ended) || errors.Is(err, ErrDiffers):
		return ExitFailed
	case errors.Is(err, context.Canceled) || status.Code(err) == codes.Canceled:
		return ExitInterrupted
	}
	switch errs.KindOf(err) {
	case errs.Unavailable, errs.Unknown, errs.Overloaded, errs.NotLeader:
		return ExitNoAnswer
	}
	return ExitRefused
}

// failNode is fail for what names a node.
func failNode(doing string, err error) error {
	if errs.Is(err, errs.NotFound) {
		return &Failure{Doing: doing, Err: err, Next: "headrace node list shows what there is."}
	}
	return fail(doing, err)
}

// failAccessKey is fail for what names an access key.
func failAccessKey(doing string, err error) error {
	if errs.Is(err, errs.NotFound) {
		return &Failure{Doing: doing, Err: err, Next: "headrace access-key list shows what there is."}
	}
	return fail(doing, err)
}

// failWorker is fail for what names a worker.
func failWorker(doing string, err error) error {
	if errs.Is(err, errs.NotFound) {
		return &Failure{
			Doing: doing,
			Err:   err,
			Next:  "headrace worker list JOB_RUN shows the workers of a run.",
		}
	}
	return fail(doing, err)
}
