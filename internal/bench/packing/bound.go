package packing

import "github.com/headrace/headrace/internal/resource"

// bound returns how many thousandths of a vCPU of runs no policy can exceed: the optimum of a linear program in which
// runs and workers may be cut, and all machines of a kind are one large machine, across zones. So it is above what is
// possible, never below.
//
// Its variables are the runs that are placed of each shape, and the workers of each size on each kind of machine.
func bound(site *Site, of []Shape, runs []Run) float64 {
	sizes := sizesOf(of)
	p := program{columns: len(of) + len(site.Kinds)*len(sizes)}
	for i := range of {
		p.gains = append(p.gains, float64(of[i].cpu())/unit)
	}
	p.gains = append(p.gains, make([]float64, p.columns-len(of))...)
	p.machines(site, sizes, len(of))
	p.runs(of, runs)
	p.workers(of, sizes, len(site.Kinds))
	return unit * maximise(p.gains, p.rows, p.limits)
}

// unit keeps the numbers of the program near 1: thousandths of a vCPU, MiB of memory and of disk.
const unit = 1000

// program is a linear program: the largest gain, where no row times the variables exceeds its limit.
type program struct {
	columns int
	gains   []float64
	rows    [][]float64
	limits  []float64
}

// limit adds a row, which it returns to be filled.
func (p *program) limit(most float64) []float64 {
	row := make([]float64, p.columns)
	p.rows = append(p.rows, row)
	p.limits = append(p.limits, most)
	return row
}

// machines says that no kind of machine holds more than it has.
func (p *program) machines(site *Site, sizes []resource.Vector, first int) {
	has := make([]resource.Vector, len(site.Kinds))
	for i := range site.Machines {
		kind := site.Machines[i].Kind
		has[kind] = has[kind].Add(site.Kinds[kind].Capacity)
	}
	for kind := range has {
		for d, part := range parts(has[kind]) {
			row := p.limit(part / unit)
			for t, size := range sizes {
				row[first+kind*len(sizes)+t] = parts(size)[d] / unit
			}
		}
	}
}

// runs says how many there are of each shape.
func (p *program) runs(of []Shape, runs []Run) {
	counts := make([]float64, len(of))
	for _, r := range runs {
		counts[r.Shape]++
	}
	for i, count := range counts {
		p.limit(count)[i] = 1
	}
}

// workers says that those of the runs that are placed are on machines.
func (p *program) workers(of []Shape, sizes []resource.Vector, kinds int) {
	for t, size := range sizes {
		row := p.limit(0)
		for kind := range kinds {
			row[len(of)+kind*len(sizes)+t] = -1
		}
		for i := range of {
			row[i] = float64(of[i].count(size))
		}
	}
}

// sizesOf returns the sizes of drivers and workers, each once.
func sizesOf(of []Shape) (sizes []resource.Vector) {
	seen := map[resource.Vector]bool{}
	for i := range of {
		for _, size := range []resource.Vector{of[i].Driver, of[i].Worker} {
			if !seen[size] {
				seen[size] = true
				sizes = append(sizes, size)
			}
		}
	}
	return sizes
}

// count returns how many of a run's workers, its driver included, have a size.
func (s *Shape) count(size resource.Vector) (n int64) {
	if s.Driver == size {
		n++
	}
	if s.Worker == size {
		n += s.Workers
	}
	return n
}
