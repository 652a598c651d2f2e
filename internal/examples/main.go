package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/headrace/headrace/internal/devcluster"
)

// exampleTime bounds one example, which takes a minute at most on a machine with nothing else to do; cleanTime is what
// it then has to leave nothing behind.
const (
	exampleTime = 8 * time.Minute
	cleanTime   = 60 * time.Second
)

func main() {
	only := flag.String("only", "", "examples, separated by commas; empty: all")
	headrace := flag.String("headrace", "bin/headrace", "the binary")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *headrace, *only); err != nil {
		fmt.Fprintln(os.Stderr, "examples:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, headrace, only string) error {
	headrace, err := filepath.Abs(headrace)
	if err != nil {
		return err
	}
	chosen, err := choose(only)
	if err != nil {
		return err
	}
	failed := 0
	began := time.Now()
	err = devcluster.On(ctx, headrace, func(ctx context.Context, c *devcluster.Cluster) error {
		for _, e := range chosen {
			if err := ctx.Err(); err != nil {
				return err
			}
			fmt.Fprintln(os.Stderr, "      running", e.name)
			started := time.Now()
			if err := e.try(ctx, headrace, c.Address); err != nil {
				failed++
				fmt.Printf("FAIL  %-20s %5.1f s\n%v\n", e.name, time.Since(started).Seconds(), err)
				continue
			}
			fmt.Printf("ok    %-20s %5.1f s\n", e.name, time.Since(started).Seconds())
		}
		return nil
	})
	fmt.Printf("%d examples, %d failed, %.0f s\n", len(chosen), failed, time.Since(began).Seconds())
	if failed > 0 {
		err = errors.Join(err, fmt.Errorf("%d of %d failed", failed, len(chosen)))
	}
	return err
}

// choose returns the examples of these names; all of them for no name.
func choose(only string) (chosen []example, err error) {
	if only == "" {
		return all, nil
	}
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(all, func(e example) bool { return e.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no example %q", name)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// try runs an example and compares.
func (e example) try(ctx context.Context, headrace, server string) error {
	ctx, cancel := context.WithTimeout(ctx, exampleTime)
	defer cancel()
	command := exec.CommandContext(ctx, "sh", "run.sh")
	command.Dir = filepath.Join("examples", e.name)
	command.Env = append(
		os.Environ(),
		"HEADRACE_SERVER="+server,
		"PATH="+filepath.Dir(headrace)+string(filepath.ListSeparator)+os.Getenv("PATH"),
	)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
	command.WaitDelay = cleanTime
	var progress strings.Builder
	command.Stderr = &progress
	out, err := command.Output()
	if err != nil {
		return fmt.Errorf("run.sh: %w\n%s%s", err, out, progress.String())
	}
	want, err := e.want()
	if err == nil && string(out) != want {
		err = fmt.Errorf("it printed\n%s\nwant\n%s\n%s", out, want, progress.String())
	}
	return err
}
