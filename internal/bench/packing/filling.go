package packing

import "github.com/headrace/headrace/internal/resource"

// filling is what became of runs that stay.
type filling struct {
	first float64 // part of the site's vCPU that was held when a run first found no place
	cpu   float64 // vCPU that is held at the end, as a part of the bound
}

// fill has a policy place one run after the other, twice as many as the site has vCPU for, and compares what it placed
// with the bound of what any policy could.
func fill(policy Named, site *Site, seed int64) (f filling) {
	runs := stream(shapes, site, 2, seed)
	p := policy.New(*site)
	var sum resource.Vector
	for _, r := range runs {
		placed := p.Place(&shapes[r.Shape])
		if placed == nil && f.first == 0 {
			f.first = float64(sum.MilliCPU) / float64(site.capacity().MilliCPU)
		}
		sum = sum.Add(held(placed))
	}
	f.cpu = float64(sum.MilliCPU) / bound(site, shapes, runs)
	return f
}
