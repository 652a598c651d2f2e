package packing

import (
	"cmp"
	"math"
	"slices"

	"github.com/headrace/headrace/internal/resource"
)

// scored places one worker after the other on the machine of a zone with the smallest score. It is as simple as can be:
// each worker looks at every machine.
type scored struct {
	site  Site
	mean  [3]float64 // what an average machine has
	zones []zone
	score func(need, free [3]float64) float64
	// fullest has the zone with the least room come first; else the one with the most does.
	fullest bool
}

// zone is the machines of one.
type zone struct {
	machines []int
}

// newBestFit fills the machine on which least is left.
func newBestFit(site Site) Policy {
	return newScored(site, true, func(_, free [3]float64) float64 { return sum(free) })
}

// newSpread takes the machine on which most is left.
func newSpread(site Site) Policy {
	return newScored(site, false, func(_, free [3]float64) float64 { return -sum(free) })
}

// newHybrid takes a machine on which as much memory is free for each vCPU as the worker asks for, to a power of two, so
// that neither is left over alone; of equally good ones the fullest.
func newHybrid(site Site) Policy {
	return newScored(site, true, func(need, free [3]float64) float64 {
		const tie = 0.1 // fullness never counts more than a power of two: it is below 10
		return math.Abs(math.Round(math.Log2(need[1]/need[0]))-math.Round(math.Log2(free[1]/free[0]))) + tie*sum(free)
	})
}

func newScored(site Site, fullest bool, score func(need, free [3]float64) float64) Policy {
	p := &scored{site: site.clone(), score: score, fullest: fullest, zones: make([]zone, zones)}
	total := parts(site.capacity())
	for i := range total {
		p.mean[i] = total[i] / float64(len(site.Machines))
	}
	for i := range p.site.Machines {
		z := &p.zones[i%zones]
		z.machines = append(z.machines, i)
	}
	return p
}

func parts(v resource.Vector) [3]float64 {
	return [3]float64{float64(v.MilliCPU), float64(v.MemoryMiB), float64(v.DiskMiB)}
}

// relative returns an amount in parts of what an average machine has.
func (p *scored) relative(v resource.Vector) (r [3]float64) {
	for i, part := range parts(v) {
		r[i] = part / p.mean[i]
	}
	return r
}

func sum(v [3]float64) float64 { return v[0] + v[1] + v[2] }

// Place tries one zone after the other.
func (p *scored) Place(s *Shape) []Part {
	for _, z := range p.inOrder() {
		if parts := p.placeIn(z, s); parts != nil {
			return parts
		}
	}
	return nil
}

// inOrder returns the zones, those to try first first.
func (p *scored) inOrder() []zone {
	room := func(z zone) (free float64) {
		for _, i := range z.machines {
			free += sum(p.relative(p.site.Machines[i].Free))
		}
		return free
	}
	order := slices.Clone(p.zones)
	slices.SortStableFunc(order, func(x, y zone) int {
		if p.fullest {
			return cmp.Compare(room(x), room(y))
		}
		return cmp.Compare(room(y), room(x))
	})
	return order
}

// placeIn places a run in a zone, or takes nothing there.
func (p *scored) placeIn(z zone, s *Shape) []Part {
	placed := []Part{}
	for i := range s.Workers + 1 {
		size := s.Worker
		if i == 0 {
			size = s.Driver
		}
		machine := p.best(z, size)
		if machine < 0 {
			p.End(placed)
			return nil
		}
		p.move(machine, resource.Vector{}.Sub(size))
		placed = append(placed, Part{machine, size, 1})
	}
	return placed
}

// best returns the machine for one worker, or -1.
func (p *scored) best(z zone, size resource.Vector) int {
	best, lowest := -1, math.Inf(1)
	need := p.relative(size)
	for _, i := range z.machines {
		free := p.site.Machines[i].Free
		if !size.FitsIn(free) {
			continue
		}
		if score := p.score(need, p.relative(free)); score < lowest {
			best, lowest = i, score
		}
	}
	return best
}

// End gives back what a run holds.
func (p *scored) End(parts []Part) {
	for _, part := range parts {
		p.move(part.Machine, part.Size.Times(part.Count))
	}
}

func (p *scored) move(machine int, by resource.Vector) {
	p.site.Machines[machine].Free = p.site.Machines[machine].Free.Add(by)
}
