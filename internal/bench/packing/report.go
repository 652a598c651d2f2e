package packing

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
)

// DayMachines is how many machines the site has that has a day of runs.
const DayMachines = 300

// Sizes are the machines of the sites that are filled, Loads what the runs of a day ask for on average, in parts of a
// site's vCPU.
var (
	Sizes = []int{60, 300, 1000}
	Loads = []float64{0.8, 0.9, 0.95, 1}
)

// seeds is how many sites and streams are drawn for each figure of filling.
const seeds = 4

// Report is what policies reach.
type Report struct {
	Policies []string
	Filled   [][]float64 // by policy and size: vCPU held, as a part of the bound
	First    [][]float64 // by policy and size: vCPU held when a run first found no place, as a part of all
	Days     [][]Churn   // by policy and load
}

// Measure fills sites and simulates days. It takes a minute, and says how far it is.
func Measure(ctx context.Context, progress io.Writer) (*Report, error) {
	r := &Report{}
	for _, policy := range Policies() {
		fmt.Fprintf(progress, "packing: %s\n", policy.Name)
		r.Policies = append(r.Policies, policy.Name)
		r.fill(policy)
		if err := r.simulate(ctx, policy); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *Report) fill(policy Named) {
	var filled, first []float64
	for _, size := range Sizes {
		var sum filling
		for seed := range int64(seeds) {
			site := NewSite(size, seed)
			f := fill(policy, &site, seed)
			sum.cpu += f.cpu / seeds
			sum.first += f.first / seeds
		}
		filled = append(filled, sum.cpu)
		first = append(first, sum.first)
	}
	r.Filled = append(r.Filled, filled)
	r.First = append(r.First, first)
}

func (r *Report) simulate(ctx context.Context, policy Named) error {
	site := NewSite(DayMachines, 1)
	var days []Churn
	for _, load := range Loads {
		if err := ctx.Err(); err != nil {
			return err
		}
		days = append(days, churn(policy, &site, load, 1))
	}
	r.Days = append(r.Days, days)
	return nil
}

// Print writes two tables.
func (r *Report) Print(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "filling, vCPU held of the bound (of all, when a run first waits)\n\t")
	for _, size := range Sizes {
		fmt.Fprintf(table, "%d machines\t", size)
	}
	for i, policy := range r.Policies {
		fmt.Fprintf(table, "\n%s\t", policy)
		for j := range Sizes {
			fmt.Fprintf(table, "%.1f %% (%.1f %%)\t", 100*r.Filled[i][j], 100*r.First[i][j])
		}
	}
	fmt.Fprintf(table, "\n\na day on %d machines, vCPU held; average wait, 99th percentile\n\t", DayMachines)
	for _, load := range Loads {
		fmt.Fprintf(table, "load %.0f %%\t", 100*load)
	}
	for i, policy := range r.Policies {
		fmt.Fprintf(table, "\n%s\t", policy)
		for _, d := range r.Days[i] {
			fmt.Fprintf(table, "%.1f %%; %d s, %d s\t", 100*d.CPU, d.Wait, d.Long)
		}
	}
	fmt.Fprintln(table)
	_ = table.Flush()
}
