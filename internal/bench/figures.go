package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

// figure is one measured value.
type figure struct {
	Name       string  `json:"name"`
	Value      float64 `json:"value"`
	Unit       string  `json:"unit"`
	Conditions string  `json:"conditions"`
}

// figures collects what is measured, in order.
type figures struct {
	machine string
	all     []figure
}

func newFigures() *figures {
	return &figures{
		machine: fmt.Sprintf("%d cores, %s, %s/%s", runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH),
	}
}

func (f *figures) add(name string, value float64, unit, conditions string) {
	f.all = append(f.all, figure{
		Name:       name,
		Value:      value,
		Unit:       unit,
		Conditions: conditions + "; " + f.machine,
	})
}

// get returns a value that was added before, and whether it was.
func (f *figures) get(name string) (float64, bool) {
	i := slices.IndexFunc(f.all, func(x figure) bool { return x.Name == name })
	if i < 0 {
		return 0, false
	}
	return f.all[i].Value, true
}

// ratio adds a/b, if both were measured.
func (f *figures) ratio(name, a, b string) {
	x, okX := f.get(a)
	y, okY := f.get(b)
	if okX && okY && y != 0 {
		f.add(name, x/y, "ratio", a+" over "+b)
	}
}

func (f *figures) print(w io.Writer) {
	fmt.Fprintf(w, "on %s\n\n", f.machine)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, x := range f.all {
		fmt.Fprintf(table, "%s\t%s\t %s\t\n", x.Name, number(x.Value), x.Unit)
	}
	_ = table.Flush()
}

func number(v float64) string {
	if v >= 1000 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func (f *figures) write(path string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	lines := json.NewEncoder(file)
	for _, x := range f.all {
		if err := lines.Encode(x); err != nil {
			return err
		}
	}
	return nil
}

// quantile returns the q-th part of a sample in milliseconds; it sorts the sample.
func quantile(sample []time.Duration, q float64) float64 {
	slices.Sort(sample)
	return float64(sample[int(float64(len(sample)-1)*q)].Microseconds()) / 1000
}
