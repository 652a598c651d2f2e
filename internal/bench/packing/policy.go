package packing

import "github.com/headrace/headrace/internal/resource"

// Policy places runs on the machines of a site.
type Policy interface {
	// Place places a run whole in one zone. It returns nil if it finds no place.
	Place(s *Shape) []Part
	// End gives back what a run holds.
	End(parts []Part)
}

// Part is so many workers of one size on a machine.
type Part struct {
	Machine int // in the site's list
	Size    resource.Vector
	Count   int64
}

// held returns what parts hold.
func held(parts []Part) (sum resource.Vector) {
	for _, p := range parts {
		sum = sum.Add(p.Size.Times(p.Count))
	}
	return sum
}

// Policies are those that are compared, by name, in the order of the tables.
func Policies() []Named {
	return []Named{
		{"headrace", newPlanner},
		{"best fit", newBestFit},
		{"hybrid", newHybrid},
		{"spread", newSpread},
	}
}

// Named is a policy that can be begun on a site.
type Named struct {
	Name string
	New  func(Site) Policy
}
