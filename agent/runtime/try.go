package runtime

import (
	"context"
	"os"
	"strings"

	"github.com/headrace/headrace/internal/errs"
)

// TrySandbox runs a program in a sandbox, to see whether this machine can. Its error says what is missing.
func (r *Runtime) TrySandbox(ctx context.Context) error {
	switch {
	case os.Geteuid() != 0:
		return errs.New(errs.WrongState, "cannot isolate workers: this process is not root")
	case !r.apart:
		return errs.New(errs.WrongState, "cannot isolate workers: "+
			"this process may not make namespaces, as in a container without privileges")
	case !r.Limits():
		return errs.New(errs.WrongState, "cannot isolate workers: this process may not make control groups")
	}
	stdout, stderr, err := r.Run(ctx, Errand{
		MemoryMiB: 64,
		MilliCPU:  1000,
		Prepare: func(*Home) (Command, error) {
			return Command{Args: []string{"/bin/sh", "-c", "cat /proc/self/status"}}, nil
		},
	})
	if err != nil {
		return errs.New(errs.WrongState, "cannot isolate workers: %w %s", err, strings.TrimSpace(string(stderr)))
	}
	for _, want := range []string{"CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"} {
		if !strings.Contains(string(stdout), want) {
			return errs.New(errs.WrongState, "cannot isolate workers: "+
				"a program that was isolated did not have %q: is crun older than 1.0?", want)
		}
	}
	return nil
}
