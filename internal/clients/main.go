package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/headrace/headrace/internal/devcluster"
)

// The job that clients submit, seen from this module's folder.
const (
	program = "../../examples/word-count/wordcount.py"
	text    = "../../examples/word-count/text.txt"
)

func main() {
	only := flag.String("only", "", "clients, separated by commas; empty: those that install in seconds")
	all := flag.Bool("all", false, "also those that take minutes to install")
	headrace := flag.String("headrace", "../../bin/headrace", "the binary")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *headrace, *only, *all); err != nil {
		fmt.Fprintln(os.Stderr, "clients:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, headrace, only string, all bool) error {
	headrace, err := filepath.Abs(headrace)
	if err != nil {
		return err
	}
	chosen, err := choose(only, all)
	if err != nil {
		return err
	}
	tools, err := toolsFolder()
	if err != nil {
		return err
	}
	began := time.Now()
	tally := &tally{}
	err = devcluster.On(ctx, headrace, func(ctx context.Context, c *devcluster.Cluster) error {
		for _, one := range chosen {
			if err := one.run(ctx, tools, c.HTTP, tally); err != nil {
				return err
			}
		}
		return nil
	})
	fmt.Printf(
		"%d operations of %d clients, %d failed, %.0f s\n",
		tally.operations,
		len(chosen),
		tally.failed,
		time.Since(began).Seconds(),
	)
	if tally.failed > 0 {
		err = errors.Join(err, fmt.Errorf("%d of %d operations failed", tally.failed, tally.operations))
	}
	return err
}

// choose returns the clients of these names; for no name those that are quick, or all.
func choose(only string, every bool) (chosen []client, err error) {
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(all, func(c client) bool { return c.name == name })
		if i < 0 && only != "" {
			return nil, fmt.Errorf("there is no client %q", name)
		}
		if i >= 0 {
			chosen = append(chosen, all[i])
		}
	}
	if only != "" {
		return chosen, nil
	}
	for _, c := range all {
		if every || c.quick {
			chosen = append(chosen, c)
		}
	}
	return chosen, nil
}

// toolsFolder returns where clients are installed.
func toolsFolder() (string, error) {
	if cache := os.Getenv("HEADRACE_CACHE"); cache != "" {
		return filepath.Join(cache, "clients"), nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("cannot find a cache directory for clients; set HEADRACE_CACHE: %w", err)
	}
	return filepath.Join(cache, "headrace", "clients"), nil
}
