package state

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
)

// Dump writes every row of the state as a line of text, always in the same order. Golden tests compare it, people read it, and
// its SHA-256 is the digest that replicas compare: two states with the same dump are the same state.
func (v *View) Dump(w io.Writer) error {
	d := dumper{w: w}
	d.line("cluster", v.Cluster)
	dumpAll(&d, "application", v.applications.all())
	dumpAll(&d, "run", v.runs.all())
	dumpAll(&d, "attempt", v.attempts.all())
	dumpAll(&d, "worker", v.workers.all())
	dumpAll(&d, "slot", v.slots.all())
	dumpAll(&d, "node", v.nodes.all())
	dumpAll(&d, "release", v.releases.all())
	dumpAll(&d, "request", v.requests.all())
	return d.err
}

// dumper keeps the first error of a dump.
type dumper struct {
	w   io.Writer
	err error
}

func dumpAll[R any](d *dumper, kind string, rows iter.Seq[R]) {
	for row := range rows {
		d.line(kind, row)
	}
}

// line writes a row as JSON, whose fields stand in the order of the struct and whose maps are sorted.
func (d *dumper) line(kind string, row any) {
	if d.err != nil {
		return
	}
	text, err := json.Marshal(row)
	if err == nil {
		_, err = fmt.Fprintf(d.w, "%s %s\n", kind, text)
	}
	d.err = err
}
