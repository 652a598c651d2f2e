package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is how the kernel counts CPU time on every machine that Go runs on.
const ticksPerSecond = 100

// waitingProcess is a JVM that waits in a slot.
type waitingProcess struct {
	role        string // driver or executor
	residentMiB float64
	cpuSeconds  float64
}

// waitingProcesses returns those of this machine.
func waitingProcesses() (found []waitingProcess) {
	paths, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range paths {
		command, _ := os.ReadFile(path)
		args := strings.Split(strings.TrimRight(string(command), "\x00"), "\x00")
		if i := slices.Index(args, "io.headrace.spark.WarmWorker"); i >= 0 && i+1 < len(args) {
			dir := filepath.Dir(path)
			found = append(found, waitingProcess{role: args[i+1], residentMiB: resident(dir), cpuSeconds: cpu(dir)})
		}
	}
	return found
}

// resident returns the memory of a process and of its children, such as its Python, in MiB.
func resident(dir string) (mib float64) {
	status, _ := os.ReadFile(filepath.Join(dir, "status"))
	for line := range strings.Lines(string(status)) {
		var kib float64
		if n, _ := fmt.Sscanf(line, "VmRSS: %f kB", &kib); n == 1 {
			mib += kib / 1024
		}
	}
	lists, _ := filepath.Glob(filepath.Join(dir, "task", "*", "children"))
	for _, list := range lists {
		children, _ := os.ReadFile(list)
		for child := range strings.FieldsSeq(string(children)) {
			mib += resident(filepath.Join("/proc", child))
		}
	}
	return mib
}

// cpu returns the CPU time of a process and of its children that have ended.
func cpu(dir string) (seconds float64) {
	stat, _ := os.ReadFile(filepath.Join(dir, "stat"))
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	for _, i := range []int{11, 12, 13, 14} { // user and system time, its own and its children's
		if i < len(fields) {
			ticks, _ := strconv.ParseFloat(fields[i], 64)
			seconds += ticks / ticksPerSecond
		}
	}
	return seconds
}

// waitWaiting returns when both slots have a process that waits.
func (c *devCluster) waitWaiting(ctx context.Context) error {
	return c.until(ctx, "two processes wait in slots", func() bool { return c.Warmed() >= c.used+2 })
}

// waitClassData returns when the archive of class data is there, which this cluster or an earlier one has written.
func (c *devCluster) waitClassData(ctx context.Context) error {
	return c.until(ctx, "an archive of class data is written", func() bool {
		found, _ := filepath.Glob(filepath.Join(c.releases, ".classdata", "emr-7.2.0-*.jsa"))
		return len(found) > 0
	})
}

// until polls for a condition.
func (c *devCluster) until(ctx context.Context, what string, holds func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("not in time: %s; %s has the logs", what, c.Dir)
		}
	}
	return nil
}
