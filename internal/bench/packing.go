package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/headrace/headrace/internal/bench/packing"
)

// plot is where the picture of packing goes.
var plot = flag.String("plot", "", "file for the plot of packing, as SVG; empty: none")

// measurePacking compares policies on simulated machines. It needs no clock, so it gives the same on every machine.
func measurePacking(ctx context.Context, to *figures, _ string) error {
	report, err := packing.Measure(ctx, os.Stderr)
	if err != nil {
		return err
	}
	report.Print(os.Stdout)
	for i, policy := range report.Policies {
		name := "packing." + strings.ReplaceAll(policy, " ", "-")
		for j, size := range packing.Sizes {
			to.add(fmt.Sprintf("%s.fill.%d", name, size), 100*report.Filled[i][j], "%",
				fmt.Sprintf("vCPU held of the bound of linear programming, %d mixed machines, EMR's worker sizes", size))
		}
		for j, load := range packing.Loads {
			to.add(fmt.Sprintf("%s.wait.%.0f", name, 100*load), float64(report.Days[i][j].Wait), "s",
				fmt.Sprintf("average wait during a day with a load of %.0f %% on %d mixed machines",
					100*load, packing.DayMachines))
		}
	}
	if *plot == "" {
		return nil
	}
	return os.WriteFile(*plot, []byte(report.Plot()), 0o644)
}
