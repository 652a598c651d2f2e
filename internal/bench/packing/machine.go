package packing

import (
	"fmt"
	"math/rand"
	"slices"

	"github.com/headrace/headrace/internal/resource"
)

// Kind is a kind of machine.
type Kind struct {
	Name     string
	Capacity resource.Vector
	Weight   int // how many of all machines are of this kind, beside the other kinds
}

// mixed are kinds as sites have them: little, even and much memory for each vCPU, small and large.
var mixed = []Kind{
	{"compute", vector(32, 64, 800), 2},
	{"small", vector(16, 64, 400), 3},
	{"general", vector(48, 192, 1200), 3},
	{"memory", vector(32, 256, 1200), 2},
	{"large", vector(96, 384, 2400), 1},
}

func vector(cpu, memoryGiB, diskGiB int64) resource.Vector {
	return resource.Vector{MilliCPU: cpu * 1000, MemoryMiB: memoryGiB << 10, DiskMiB: diskGiB << 10}
}

// Machine is one machine, and what is free on it.
type Machine struct {
	ID, Zone string
	Kind     int // in the list of kinds
	Free     resource.Vector
}

// Site is all machines. A policy gets a copy of its own.
type Site struct {
	Kinds    []Kind
	Machines []Machine
}

const zones = 3

// NewSite draws so many machines of the mixed kinds, in three zones.
func NewSite(machines int, seed int64) Site {
	r := rand.New(rand.NewSource(seed))
	s := Site{Kinds: mixed}
	for i := range machines {
		kind := draw(r, mixed, func(k Kind) int { return k.Weight })
		s.Machines = append(s.Machines, Machine{
			ID:   fmt.Sprintf("n%05d", i),
			Zone: fmt.Sprintf("zone-%d", i%zones),
			Kind: kind,
			Free: mixed[kind].Capacity,
		})
	}
	return s
}

// draw returns the number of an element, each as often as its weight says.
func draw[E any](r *rand.Rand, from []E, weight func(E) int) int {
	sum := 0
	for _, e := range from {
		sum += weight(e)
	}
	at := r.Intn(sum)
	for i, e := range from {
		if at -= weight(e); at < 0 {
			return i
		}
	}
	panic("the weights of a list do not add up to their sum")
}

// capacity returns what all machines have together.
func (s *Site) capacity() (sum resource.Vector) {
	for i := range s.Machines {
		sum = sum.Add(s.Kinds[s.Machines[i].Kind].Capacity)
	}
	return sum
}

// clone returns a site with machines of its own.
func (s *Site) clone() Site {
	return Site{s.Kinds, slices.Clone(s.Machines)}
}
