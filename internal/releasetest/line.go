package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/headrace/headrace/internal/releases"
)

// choose returns the releases to test: those that are named, else the newest label of every Spark whose drivers can
// run, oldest first.
func choose(only string) (chosen []releases.Release, err error) {
	if only != "" {
		for label := range strings.SplitSeq(only, ",") {
			found, ok := releases.Lookup(label)
			if !ok {
				return nil, fmt.Errorf("there is no release %q", label)
			}
			chosen = append(chosen, found)
		}
		return chosen, nil
	}
	for _, r := range releases.All() {
		seen := slices.ContainsFunc(chosen, func(c releases.Release) bool { return c.Spark == r.Spark })
		if !seen && r.CanRunDrivers() {
			chosen = append(chosen, r)
		}
	}
	slices.Reverse(chosen)
	return chosen, nil
}

// cacheOf returns the directory of releases that has that one alone.
func (o options) cacheOf(r releases.Release) string { return filepath.Join(o.releases, r.Label) }

// fetch brings a release into its cache, through the command that users have.
func (o options) fetch(ctx context.Context, r releases.Release) error {
	command := exec.CommandContext(ctx, o.headrace, "release", "fetch", r.Label, "--without-s3", "--into", o.cacheOf(r))
	command.Stdout = os.Stderr
	command.Stderr = os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("cannot fetch %s: %w", r.Label, err)
	}
	return nil
}

// pythonVersion returns the version of the interpreter; empty: there is none.
func (o options) pythonVersion(ctx context.Context) string {
	said, err := exec.CommandContext(ctx, o.python, "-c", "import platform; print(platform.python_version())").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(said))
}
