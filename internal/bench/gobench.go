package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// goBench runs Go benchmarks and returns every metric of every one: benchmark → unit → value. Their files are gone when
// it returns, also when it was cancelled.
func goBench(ctx context.Context, pkg, pattern, benchtime string) (map[string]map[string]float64, error) {
	dir, err := os.MkdirTemp("", "headrace-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	command := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", pattern, "-benchtime", benchtime,
		"-timeout", "10m", pkg)
	command.Env = append(os.Environ(), "TMPDIR="+dir)
	command.Stderr = os.Stderr
	ownGroup(command)
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot run the benchmarks of %s: %w\n%s", pkg, err, out)
	}
	return parseBench(out), nil
}

// parseBench reads lines such as "BenchmarkDoor/16-2  1000  52 ns/op  19000 door.16.rate".
func parseBench(out []byte) map[string]map[string]float64 {
	found := map[string]map[string]float64{}
	for line := range bytes.Lines(out) {
		fields := strings.Fields(string(line))
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		metrics := map[string]float64{}
		for i := 2; i+1 < len(fields); i += 2 {
			if value, err := strconv.ParseFloat(fields[i], 64); err == nil {
				metrics[fields[i+1]] = value
			}
		}
		found[fields[0]] = metrics
	}
	return found
}

func measureDoor(ctx context.Context, to *figures, _ string) error {
	found, err := goBench(ctx, "./server/consensus", "^Benchmark(Door|Apply)$", "3s")
	if err != nil {
		return err
	}
	merged := map[string]float64{}
	for _, metrics := range found {
		for unit, value := range metrics {
			merged[unit] = value
		}
	}
	const conditions = "three servers in one process, TCP on loopback, raft-wal on disk with fsync, events of 256 bytes"
	for _, callers := range []int{1, 16, 256} {
		for _, who := range []string{"door", "apply"} {
			for _, figure := range []struct{ what, unit string }{{"rate", "1/s"}, {"p50", "ms"}, {"p99", "ms"}} {
				name := fmt.Sprintf("%s.%d.%s", who, callers, figure.what)
				value, ok := merged[name]
				if !ok {
					return fmt.Errorf("the benchmarks did not report %s", name)
				}
				to.add(name, value, figure.unit, conditions)
			}
		}
		to.ratio(
			fmt.Sprintf("door.%d.ratio", callers),
			fmt.Sprintf("door.%d.rate", callers),
			fmt.Sprintf("apply.%d.rate", callers),
		)
	}
	return nil
}

func measureLog(ctx context.Context, to *figures, _ string) error {
	found, err := goBench(ctx, "./server/command", "^BenchmarkExecutorLog$", "20x")
	if err != nil {
		return err
	}
	for _, metrics := range found {
		to.add(
			"log.executor.events",
			metrics["events/executor"],
			"events",
			"100 executors on 10 nodes: placed, running, ended",
		)
		to.add("log.executor.bytes", metrics["bytes/executor"], "bytes", "100 executors on 10 nodes: placed, running, ended")
	}
	return nil
}
