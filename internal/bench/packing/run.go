package packing

import (
	"math"
	"math/rand"

	"github.com/headrace/headrace/internal/resource"
)

// Shape is what runs of one sort ask for.
type Shape struct {
	Driver, Worker resource.Vector
	Workers        int64
	Weight         int // how often it comes, beside the others
}

// shapes are runs of EMR Serverless' worker sizes, with its default in the middle: many small runs, few that are wide
// or large. Disks are of 20 GB unless a run shuffles much.
var shapes = []Shape{
	{vector(1, 2, 20), vector(1, 2, 20), 1, 4},
	{vector(1, 4, 20), vector(1, 8, 20), 2, 4},
	{vector(2, 4, 20), vector(2, 8, 20), 4, 5},
	{vector(2, 8, 20), vector(2, 16, 20), 4, 3},
	{vector(4, 16, 20), vector(4, 16, 20), 3, 8},
	{vector(4, 16, 20), vector(4, 16, 20), 10, 4},
	{vector(4, 8, 20), vector(4, 8, 50), 12, 3},
	{vector(4, 16, 20), vector(4, 30, 100), 6, 3},
	{vector(4, 16, 20), vector(8, 32, 50), 6, 3},
	{vector(4, 16, 20), vector(8, 60, 200), 4, 2},
	{vector(8, 32, 20), vector(8, 16, 20), 8, 2},
	{vector(8, 32, 20), vector(16, 64, 100), 4, 2},
	{vector(8, 60, 20), vector(16, 120, 200), 3, 1},
}

// cpu returns the thousandths of a vCPU of a run of this shape.
func (s *Shape) cpu() int64 { return s.Driver.MilliCPU + s.Workers*s.Worker.MilliCPU }

// Run is one run.
type Run struct {
	Shape int   // in the list of shapes
	Comes int64 // at this second
	Lasts int64 // so many seconds from its start
}

// seconds of a day, and of the run that is neither short nor long.
const (
	day    = 24 * 3600
	median = 600
)

// stream draws runs, which all come at once, until they ask for so many times the vCPU of a site.
func stream(of []Shape, site *Site, times float64, seed int64) (runs []Run) {
	r := rand.New(rand.NewSource(seed))
	for left := times * float64(site.capacity().MilliCPU); left > 0; {
		run := Run{Shape: draw(r, of, func(s Shape) int { return s.Weight })}
		left -= float64(of[run.Shape].cpu())
		runs = append(runs, run)
	}
	return runs
}

// arrivals draws the runs of a day, which on average ask for so many times the vCPU of a site. Most runs are short, few
// last hours: the logarithm of their time is normal.
func arrivals(of []Shape, site *Site, times float64, seed int64) (runs []Run) {
	const width = 1.0
	meanLasts := median * math.Exp(width*width/2)
	gap := meanCPU(of) * meanLasts / (times * float64(site.capacity().MilliCPU))
	r := rand.New(rand.NewSource(seed))
	for at := r.ExpFloat64() * gap; at < day; at += r.ExpFloat64() * gap {
		runs = append(runs, Run{
			Shape: draw(r, of, func(s Shape) int { return s.Weight }),
			Comes: int64(at),
			Lasts: 1 + int64(median*math.Exp(width*r.NormFloat64())),
		})
	}
	return runs
}

func meanCPU(of []Shape) float64 {
	sum, weights := 0.0, 0
	for i := range of {
		sum += float64(of[i].cpu()) * float64(of[i].Weight)
		weights += of[i].Weight
	}
	return sum / float64(weights)
}
