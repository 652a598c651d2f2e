package packing

import (
	"strconv"

	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/scheduler"
)

// planner has the planner of Headrace place runs.
type planner struct {
	site    Site
	numbers map[string]int // of machines, by id
	cluster *scheduler.Cluster
	count   int // of runs that were asked for
}

const application = "app"

func newPlanner(site Site) Policy {
	p := &planner{site: site.clone(), numbers: map[string]int{}, cluster: scheduler.NewCluster()}
	p.cluster.SetApplication(scheduler.Application{ID: application, Weight: 1})
	for i := range p.site.Machines {
		p.numbers[p.site.Machines[i].ID] = i
		p.tell(i)
	}
	return p
}

// tell has the planner know what is free on a machine.
func (p *planner) tell(machine int) {
	m := &p.site.Machines[machine]
	p.cluster.SetNode(scheduler.Node{
		ID:       m.ID,
		Zone:     m.Zone,
		Capacity: p.site.Kinds[m.Kind].Capacity,
		Free:     m.Free,
	})
}

// Place plans one run alone.
func (p *planner) Place(s *Shape) []Part {
	p.count++
	run := strconv.Itoa(p.count)
	p.cluster.SetRequest(scheduler.Request{
		Run:         run,
		Application: application,
		Attempt:     1,
		Submitted:   int64(p.count),
		Driver:      resource.Size{Vector: s.Driver, Disk: resource.DiskStandard},
		Worker:      resource.Size{Vector: s.Worker, Disk: resource.DiskStandard},
		DriverRole:  1,
		WorkerRole:  2,
		Initial:     uint32(s.Workers),
		Minimum:     uint32(s.Workers),
	})
	placements := p.cluster.Plan().Placements
	p.cluster.RemoveAsk(run)
	if len(placements) == 0 {
		return nil
	}
	parts := []Part{{p.numbers[placements[0].Driver], s.Driver, 1}}
	for _, share := range placements[0].Shares {
		parts = append(parts, Part{p.numbers[share.Node], s.Worker, int64(share.Count)})
	}
	p.move(parts, -1)
	return parts
}

// End gives back what a run holds.
func (p *planner) End(parts []Part) { p.move(parts, 1) }

// move changes what is free on the machines of parts.
func (p *planner) move(parts []Part, sign int64) {
	for _, part := range parts {
		m := &p.site.Machines[part.Machine]
		m.Free = m.Free.Add(part.Size.Times(sign * part.Count))
		p.tell(part.Machine)
	}
}
