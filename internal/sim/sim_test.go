package sim

import (
	"flag"
	"fmt"
	"testing"
)

var (
	seed  = flag.Uint64("seed", 0, "simulate this one history")
	seeds = flag.Uint64("seeds", 20, "simulate so many histories, from -first")
	first = flag.Uint64("first", 1, "the first seed of -seeds")
	steps = flag.Int("steps", 4000, "steps with users and faults in each history")
)

// TestSimulation simulates histories and checks I1 to I12 all along. For a long run: go test ./internal/sim -run
// TestSimulation -seeds 1000 -steps 20000 -timeout 0.
func TestSimulation(t *testing.T) {
	if *seed != 0 {
		simulate(t, *seed)
		return
	}
	for s := *first; s < *first+*seeds; s++ {
		t.Run(fmt.Sprint(s), func(t *testing.T) { simulate(t, s) })
	}
}

func simulate(t *testing.T, seed uint64) {
	result, err := Run(Config{Seed: seed, Steps: *steps})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf(
		"%d records (%d void), %d events, %d leaders, %d restarts, %d nodes lost (after %d further steps), "+
			"%d plans refused, %d promises, %d evicted, %d slots, %d workers in them, "+
			"%d runs queued, %d updates, runs %v, in %s of virtual time",
		result.Records,
		result.Void,
		result.Events,
		result.LeaderChanges,
		result.Restarts,
		result.Lost,
		result.Half,
		result.Refused,
		result.Promised,
		result.Evicted,
		result.Slots,
		result.Assigned,
		result.Queued,
		result.Updates,
		result.Runs,
		result.Took,
	)
}

// TestSimulation_OfOneSeedIsOneHistory: the same seed writes the same log, byte for byte, and another seed another one.
func TestSimulation_OfOneSeedIsOneHistory(t *testing.T) {
	hash := func(seed uint64) string {
		result, err := Run(Config{Seed: seed, Steps: 1000})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%x", result.LogHash)
	}
	if a, b := hash(7), hash(7); a != b {
		t.Errorf("seed 7 writes the log %s, and again %s", a, b)
	}
	if hash(7) == hash(8) {
		t.Error("seeds 7 and 8 write the same log")
	}
}

// TestSimulation_LosesNodesInSteps: the histories with the smallest steps have nodes that are half lost for a while,
// and so have all faults that come between.
func TestSimulation_LosesNodesInSteps(t *testing.T) {
	half := 0
	for _, seed := range []uint64{1, 5, 9, 13} {
		result, err := Run(Config{Seed: seed, Steps: 2000})
		if err != nil {
			t.Fatal(err)
		}
		half += result.Half
	}
	if half == 0 {
		t.Error("no node was ever lost in several steps")
	}
}
