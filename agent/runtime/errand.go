package runtime

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

// errandPrefix begins the ids of errands; those of workers are lower-case ULIDs.
const errandPrefix = "errand-"

// maxErrands is how many errands run at once: nobody's capacity counts them. More wait until one ends, or nobody waits for them any more.
const maxErrands = 8

// Errand is a program that the agent itself needs, and that somebody else wrote, such as one of a release. It runs as a worker does: in
// a sandbox and with a user of its own, where workers have them. It serves nobody and ends with who waits for it.
type Errand struct {
	// Prepare fills the home and returns what to run.
	Prepare func(home *Home) (Command, error)
	// Collect takes what the program made in its home, after it ended well; nil: only what it said is of interest.
	Collect func(home *Home) error
	// MilliCPU, MemoryMiB and DiskMiB bound it.
	MilliCPU, MemoryMiB, DiskMiB int64
	// Quiet lets it have only CPU that nobody else wants, where there are control groups.
	Quiet bool
}

// longestErrand is after how long an errand ends whose agent is gone.
const longestErrand = 20 * time.Minute

// errLeft says that the agent ends before an errand. The next agent discards it.
var errLeft = errs.New(errs.Unavailable, "the agent ends before the program")

// maxSaid is how much of what an errand said is returned, in bytes.
const maxSaid = 256 << 10

// Run runs an errand to its end, and removes everything of it. It returns the end of what the program wrote to stdout and stderr. A
// program that ended with another code than 0 is an error, as is a context that ended before.
func (r *Runtime) Run(ctx context.Context, e Errand) (stdout, stderr []byte, err error) {
	select {
	case r.errands <- struct{}{}:
		defer func() { <-r.errands }()
	case <-ctx.Done():
		return nil, nil, errs.New(errs.Overloaded, "cannot run one more program: %d run already (%w)", maxErrands, ctx.Err())
	}
	id := errandPrefix + strings.ToLower(rand.Text())
	defer func() {
		if !errors.Is(err, errLeft) {
			err = errors.Join(err, r.RemoveDir(id))
		}
	}()
	home, err := r.MakeHome(id, HomeOptions{})
	if err != nil {
		return nil, nil, err
	}
	defer home.Close()
	command, err := e.Prepare(home)
	if err != nil {
		return nil, nil, err
	}
	w, err := r.Start(Spec{ID: id, Command: command, MilliCPU: e.MilliCPU, MemoryMiB: e.MemoryMiB, DiskMiB: e.DiskMiB,
		KeepOnDisconnect: true, LongestSeconds: longestErrand.Milliseconds() / 1000})
	if err != nil {
		return nil, nil, err
	}
	if e.Quiet {
		_ = r.Weigh(w, true) // it only takes longer
	}
	err = awaitErrand(ctx, w)
	stdout, stderr = r.Tail(id, "stdout", maxSaid), r.Tail(id, "stderr", maxSaid)
	if err == nil && e.Collect != nil {
		err = e.Collect(home)
	}
	return stdout, stderr, err
}

// awaitErrand returns when nothing is left of an errand, which the context's end stops.
func awaitErrand(ctx context.Context, w *Worker) error {
	select {
	case <-w.Done():
	case <-ctx.Done():
		if err := w.Stop(Stopped, 0); err != nil {
			return err
		}
		<-w.Done()
		return ctx.Err()
	}
	exit, ended := w.Exit()
	switch {
	case !ended:
		return errLeft
	case exit.Message != "":
		return errs.New(errs.Unavailable, "%s", exit.Message)
	case exit.Code != 0:
		return fmt.Errorf("the program ended with code %d (%s)", exit.Code, exit.Reason)
	}
	return nil
}

// IsErrand says whether an id is one of an errand. One that an earlier agent left is to be discarded: nobody waits for it.
func IsErrand(id string) bool { return strings.HasPrefix(id, errandPrefix) }
