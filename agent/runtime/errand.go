package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

// maxErrands is how many errands run at once: nobody's capacity counts them. More wait until one ends, or nobody waits
// for them any more.
const maxErrands = 8

// Errand is a program that the agent itself needs, and that somebody else wrote, such as one of a release. It runs as a
// worker does: in a sandbox and with a user of its own, where workers have them. It ends when nobody waits for it any
// more.
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

// Host is what errands need of what holds workers. *Runtime and its twin in memory are such.
type Host interface {
	MakeHome(id string, options HomeOptions) (*Home, error)
	Start(spec Spec) (Worker, error)
	Weigh(w Worker, low bool) error
	Tail(id, stream string, n int64) []byte
	RemoveDir(id string) error
}

// Errands runs errands, a bounded number at once. Its methods may be called by many goroutines.
type Errands struct {
	host    Host
	running chan struct{} // holds a value for each that runs
}

// NewErrands returns what runs errands on a host.
func NewErrands(host Host) *Errands {
	return &Errands{host: host, running: make(chan struct{}, maxErrands)}
}

// longestErrand is how long an errand may run, also when its agent is gone.
const longestErrand = 20 * time.Minute

// errLeft says that the agent ends before an errand. The next agent discards it.
var errLeft = errs.New(errs.Unavailable, "the agent ends before the program")

// maxSaid is how much of what an errand said is returned, in bytes.
const maxSaid = 256 << 10

// Run runs an errand. See Errands.Run.
func (r *Runtime) Run(ctx context.Context, e Errand) (stdout, stderr []byte, err error) {
	return r.errands.Run(ctx, e)
}

// Run runs an errand to its end, and removes everything of it. It returns the end of what the program wrote to stdout
// and stderr. A program that ended with another code than 0 is an error, as is a context that ended before.
func (s *Errands) Run(ctx context.Context, e Errand) (stdout, stderr []byte, err error) {
	select {
	case s.running <- struct{}{}:
		defer func() { <-s.running }()
	case <-ctx.Done():
		return nil, nil, errs.New(errs.Overloaded,
			"cannot run one more program: %d run already (%w)", maxErrands, ctx.Err())
	}
	id := ForErrand.NewID()
	defer func() {
		if !errors.Is(err, errLeft) {
			err = errors.Join(err, s.host.RemoveDir(id))
		}
	}()
	home, err := s.host.MakeHome(id, HomeOptions{})
	if err != nil {
		return nil, nil, err
	}
	defer home.Close()
	w, err := s.start(id, e, home)
	if err != nil {
		return nil, nil, err
	}
	err = awaitErrand(ctx, w)
	stdout = s.host.Tail(id, "stdout", maxSaid)
	stderr = s.host.Tail(id, "stderr", maxSaid)
	if err == nil && e.Collect != nil {
		err = e.Collect(home)
	}
	return stdout, stderr, err
}

// start starts an errand in its home.
func (s *Errands) start(id string, e Errand, home *Home) (Worker, error) {
	command, err := e.Prepare(home)
	if err != nil {
		return nil, err
	}
	w, err := s.host.Start(Spec{
		ID:               id,
		Command:          command,
		MilliCPU:         e.MilliCPU,
		MemoryMiB:        e.MemoryMiB,
		DiskMiB:          e.DiskMiB,
		KeepOnDisconnect: true,
		LongestSeconds:   int64(longestErrand / time.Second),
	})
	if err == nil && e.Quiet {
		_ = s.host.Weigh(w, true) // it only takes longer
	}
	return w, err
}

// awaitErrand returns when nothing is left of an errand, which the context's end stops.
func awaitErrand(ctx context.Context, w Worker) error {
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
