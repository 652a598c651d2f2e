package state

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/internal/spec"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// DefaultPriority is what applications have that say none, and runs from before there were priorities.
const DefaultPriority = spec.DefaultPriority

// Terms are what an application's spec means, in the units of the scheduler and of decisions, which ask for them a
// thousand times a second. They are read once, when the spec is decided. What is only shown stays in the spec.
type Terms struct {
	Engine       Engine
	Release      string
	Architecture string          // as nodes say it, such as X86_64
	Limit        resource.Vector // maximum capacity; a zero part has no limit
	AutoStart    bool
	IdleTimeout  time.Duration // 0: it never stops by itself
	Weight       int64
	Priority     uint32
	Initial      []InitialCapacity // held ready while it is started, at most one entry per type, by type
	MaxRuns      uint32            // that may be past QUEUED at once; 0: no limit
	QueueTimeout time.Duration     // that a run may be QUEUED
	Nodes        *label.Rules      // where its workers may go, and where rather; nil: anywhere
}

// InitialCapacity is workers of one type that are held ready.
type InitialCapacity struct {
	Type  WorkerType
	Count uint32
	Size  Size
}

// TermsOf reads a spec. The spec has every default, and was found to be valid before it came into the log.
func TermsOf(s *specv1.Application) Terms {
	t := Terms{
		Engine:       Engine(s.GetEngine()),
		Release:      s.GetReleaseLabel(),
		Architecture: strings.TrimPrefix(s.GetArchitecture().String(), "ARCHITECTURE_"),
		Limit:        limitOf(s.GetMaximumCapacity()),
		AutoStart:    s.GetAutoStart().GetEnabled(),
		Weight:       s.GetWeight(),
		Priority:     DefaultPriority,
		Initial:      initialOf(s),
		MaxRuns:      s.GetScheduler().GetMaxConcurrentRuns(),
		QueueTimeout: spec.DefaultQueueTimeoutMinutes * time.Minute,
		Nodes: label.NewRules(
			constraintsOf(s.GetConstraints()), constraintsOf(s.GetPreferences()), s.GetSpread()),
	}
	if s.HasPriority() {
		t.Priority = s.GetPriority()
	}
	if s.GetAutoStop().GetEnabled() {
		t.IdleTimeout = time.Duration(s.GetAutoStop().GetIdleTimeoutMinutes()) * time.Minute
	}
	if s.GetScheduler().HasQueueTimeoutMinutes() {
		t.QueueTimeout = time.Duration(s.GetScheduler().GetQueueTimeoutMinutes()) * time.Minute
	}
	return t
}

// constraintsOf reads constraints that were found to be valid before they came into the log.
func constraintsOf(texts []string) []label.Constraint {
	all, err := label.ParseAll("constraints", texts)
	if err != nil {
		panic(fmt.Sprintf("the state has constraints that cannot be read: %v", err))
	}
	return all
}

func limitOf(m *specv1.MaximumCapacity) resource.Vector {
	return resource.Vector{MilliCPU: m.GetMilliCpu(), MemoryMiB: m.GetMemoryMib(), DiskMiB: m.GetDiskMib()}
}

func initialOf(s *specv1.Application) []InitialCapacity {
	var all []InitialCapacity
	for name, entry := range s.GetInitialCapacity() {
		is, err := spec.WorkerTypeOf(s.GetEngine(), name)
		if err != nil {
			panic(fmt.Sprintf("application %s holds workers of no type ready: %v", s.GetName(), err))
		}
		size := entry.GetWorkerSize()
		all = append(all, InitialCapacity{
			Type:  WorkerType(is),
			Count: uint32(entry.GetWorkerCount()),
			Size: Size{
				Vector: resource.Vector{
					MilliCPU:  size.GetMilliCpu(),
					MemoryMiB: size.GetMemoryMib(),
					DiskMiB:   size.GetDiskMib(),
				},
				Disk: resource.DiskType(size.GetDiskType()),
			},
		})
	}
	slices.SortFunc(all, func(a, b InitialCapacity) int { return cmp.Compare(a.Type, b.Type) })
	return all
}

// Total returns what all these workers hold.
func (i InitialCapacity) Total() resource.Vector { return i.Size.Times(int64(i.Count)) }

// InitialTotal returns what all slots of an application hold while it is started.
func (t *Terms) InitialTotal() (sum resource.Vector) {
	for _, initial := range t.Initial {
		sum = sum.Add(initial.Total())
	}
	return sum
}

// InitialOf returns what is held ready for a type of worker, or the zero value if nothing is.
func (t *Terms) InitialOf(is WorkerType) InitialCapacity {
	for _, initial := range t.Initial {
		if initial.Type == is {
			return initial
		}
	}
	return InitialCapacity{}
}
