package packing

import (
	"cmp"
	"container/heap"
	"slices"
)

// Churn is what became of a day of runs that come and end.
type Churn struct {
	Runs       int
	CPU        float64 // vCPU held, as a part of all, on average from the second hour on
	Wait, Long int64   // seconds that the average run waits, and that one in a hundred waits longer than
}

// warmUp is how long a site fills before anything is measured.
const warmUp = 3600

// churn has a policy place the runs of a day. What finds no place waits; whenever a run ends, those that wait are tried
// again, the oldest first, and none blocks another.
func churn(policy Named, site *Site, times float64, seed int64) Churn {
	d := &dayOf{policy: policy.New(*site)}
	runs := arrivals(shapes, site, times, seed)
	for _, r := range runs {
		d.until(r.Comes)
		d.at = r.Comes
		d.queue = append(d.queue, r)
		d.try(r.Shape)
	}
	d.until(day)
	capacity := float64(site.capacity().MilliCPU) * (day - warmUp)
	return Churn{
		Runs: len(runs),
		CPU:  float64(d.worked) / capacity,
		Wait: d.meanWait(),
		Long: d.longWait(),
	}
}

// dayOf is a day in the making.
type dayOf struct {
	policy  Policy
	at      int64
	running ending
	queue   []Run // that wait, oldest first
	held    int64 // thousandths of a vCPU that run
	worked  int64 // the same, times seconds
	waits   []int64
}

// until lets the runs that end before a moment end.
func (d *dayOf) until(moment int64) {
	for len(d.running) > 0 && d.running[0].ends <= moment {
		ends := d.running[0].ends
		d.pass(ends)
		for len(d.running) > 0 && d.running[0].ends == ends {
			r := heap.Pop(&d.running).(running)
			d.policy.End(r.parts)
			d.held -= held(r.parts).MilliCPU
		}
		d.try(-1)
	}
	d.pass(moment)
}

// pass counts what runs until a moment.
func (d *dayOf) pass(moment int64) {
	if from := max(d.at, warmUp); moment > from {
		d.worked += d.held * (moment - from)
	}
	d.at = max(d.at, moment)
}

// try places what waits, or only what waits of one shape. A shape that found no place is not tried again.
func (d *dayOf) try(only int) {
	failed := make([]bool, len(shapes))
	if only >= 0 {
		for shape := range failed {
			failed[shape] = shape != only
		}
	}
	d.queue = slices.DeleteFunc(d.queue, func(r Run) bool {
		if failed[r.Shape] {
			return false
		}
		failed[r.Shape] = !d.start(r)
		return !failed[r.Shape]
	})
}

// start places a run, if it finds a place.
func (d *dayOf) start(r Run) bool {
	parts := d.policy.Place(&shapes[r.Shape])
	if parts == nil {
		return false
	}
	heap.Push(&d.running, running{d.at + r.Lasts, parts})
	d.held += held(parts).MilliCPU
	if r.Comes >= warmUp {
		d.waits = append(d.waits, d.at-r.Comes)
	}
	return true
}

// all returns the waits of the runs that were placed and, so far, of those that still wait.
func (d *dayOf) all() []int64 {
	waits := slices.Clone(d.waits)
	for _, r := range d.queue {
		if r.Comes >= warmUp {
			waits = append(waits, day-r.Comes)
		}
	}
	slices.Sort(waits)
	return waits
}

func (d *dayOf) meanWait() (mean int64) {
	waits := d.all()
	for _, w := range waits {
		mean += w
	}
	return mean / max(int64(len(waits)), 1)
}

func (d *dayOf) longWait() int64 {
	waits := d.all()
	if len(waits) == 0 {
		return 0
	}
	return waits[len(waits)*99/100]
}

// running is a run that runs.
type running struct {
	ends  int64
	parts []Part
}

// ending has runs in the order in which they end.
type ending []running

// Len is for container/heap, like Less, Swap, Push and Pop.
func (e ending) Len() int { return len(e) }

// Less puts what ends sooner first.
func (e ending) Less(i, j int) bool { return cmp.Less(e[i].ends, e[j].ends) }

// Swap exchanges two runs.
func (e ending) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push adds a run at the end.
func (e *ending) Push(r any) { *e = append(*e, r.(running)) }

// Pop removes the last run.
func (e *ending) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}
