package packing

import "github.com/headrace/headrace/internal/resource"

// exact returns the largest amount of vCPU, in thousandths, of which all runs can be on the machines of a site at once,
// each whole in one zone. It tries everything, so it is for a few machines and a few runs only.
func exact(site *Site, of []Shape, runs []Run) int64 {
	s := search{site: site.clone(), of: of, runs: runs}
	for _, r := range runs {
		s.ahead += of[r.Shape].cpu()
	}
	s.from(0, 0)
	return s.best
}

// search is an exhaustive search.
type search struct {
	site  Site
	of    []Shape
	runs  []Run
	ahead int64 // vCPU of the runs that are not decided yet
	best  int64
}

// from decides the runs from one on, with so much placed before.
func (s *search) from(run int, placed int64) {
	s.best = max(s.best, placed)
	if run == len(s.runs) || placed+s.ahead <= s.best {
		return
	}
	shape := &s.of[s.runs[run].Shape]
	s.ahead -= shape.cpu()
	for driver := range s.site.Machines {
		s.with(driver, shape.Driver, func() {
			s.workers(driver%zones, shape, shape.Workers, driver%zones, func() { s.from(run+1, placed+shape.cpu()) })
		})
	}
	s.from(run+1, placed)
	s.ahead += shape.cpu()
}

// workers places so many in a zone, from a machine on, in every way, and goes on with each.
func (s *search) workers(zone int, shape *Shape, count int64, first int, next func()) {
	if count == 0 {
		next()
		return
	}
	for machine := first; machine < len(s.site.Machines); machine += zones {
		s.with(machine, shape.Worker, func() { s.workers(zone, shape, count-1, machine, next) })
	}
}

// with goes on with a worker on a machine, if it fits there.
func (s *search) with(machine int, size resource.Vector, next func()) {
	m := &s.site.Machines[machine]
	if !size.FitsIn(m.Free) {
		return
	}
	m.Free = m.Free.Sub(size)
	next()
	m.Free = m.Free.Add(size)
}
