package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// section is a part of the run, chosen by name.
type section struct {
	name    string
	measure func(ctx context.Context, to *figures, headrace string) error
}

var sections = []section{
	{"door", measureDoor},
	{"schedule", measureSchedule},
	{"packing", measurePacking},
	{"log", measureLog},
	{"history", measureHistory},
	{"nodes", measureNodes},
	{"process", measureProcess},
	{"isolation", measureIsolation},
	{"http", measureHTTP},
	{"spark", measureSpark},
}

// inRow is how many warm runs follow one another.
var inRow = flag.Int("row", 3, "warm Spark runs in a row")

func main() {
	only := flag.String("only", "", "sections, separated by commas; empty: all")
	out := flag.String("out", "build/bench.json", "file of JSON lines")
	headrace := flag.String("headrace", "bin/headrace", "the binary to measure")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *only, *out, *headrace); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, only, out, headrace string) error {
	chosen, err := choose(only)
	if err != nil {
		return err
	}
	all := newFigures()
	for _, s := range chosen {
		fmt.Fprintf(os.Stderr, "measuring %s\n", s.name)
		if err := s.measure(ctx, all, headrace); err != nil {
			return fmt.Errorf("cannot measure %s: %w", s.name, err)
		}
	}
	all.print(os.Stdout)
	return all.write(out)
}

// choose returns the sections of these names, in the order of the table; all of them for no name.
func choose(only string) (chosen []section, err error) {
	if only == "" {
		return sections, nil
	}
	names := strings.Split(only, ",")
	for _, s := range sections {
		if i := slices.Index(names, s.name); i >= 0 {
			chosen = append(chosen, s)
			names = slices.Delete(names, i, i+1)
		}
	}
	if len(names) > 0 {
		return nil, fmt.Errorf("cannot measure %q: the sections are %s", strings.Join(names, ","), allSections())
	}
	return chosen, nil
}

func allSections() string {
	var names []string
	for _, s := range sections {
		names = append(names, s.name)
	}
	return strings.Join(names, ", ")
}
