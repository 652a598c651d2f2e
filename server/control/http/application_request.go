package http

import (
	"fmt"
	"maps"
	"slices"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/control/http/wire"
)

// The defaults of blocks that are there and do not say all; the original publishes them.
const (
	defaultIdleMinutes = 15
	defaultMaxRuns     = 15
)

// update translates the settings of an application; what is not there stays as it is.
func (c *call) update(said *wire.ApplicationSettings) (u *controlv1.UpdateApplicationRequest, err error) {
	u = &controlv1.UpdateApplicationRequest{Monitoring: c.monitoring(said.Monitoring, ""), Scheduler: scheduler(said.Scheduler)}
	if said.Architecture != "" {
		u.Architecture = &said.Architecture
	}
	if said.RuntimeConfiguration != nil {
		u.RuntimeConfiguration = &controlv1.ConfigurationList{Configurations: configurations(said.RuntimeConfiguration)}
	}
	if said.AutoStart != nil {
		on := said.AutoStart.Enabled == nil || *said.AutoStart.Enabled
		u.AutoStart = &on
	}
	if said.AutoStop != nil {
		on, minutes := said.AutoStop.Enabled == nil || *said.AutoStop.Enabled, int64(defaultIdleMinutes)
		if said.AutoStop.IdleTimeoutMinutes != nil {
			minutes = *said.AutoStop.IdleTimeoutMinutes
		}
		u.AutoStop, u.IdleTimeoutMinutes = &on, &minutes
	}
	if said.MaximumCapacity != nil {
		m := said.MaximumCapacity
		if u.MaximumCapacity, err = resources("maximumCapacity", m.CPU, m.Memory, m.Disk); err != nil {
			return nil, err
		}
	}
	u.Surroundings = c.surroundings(said)
	u.InitialCapacity, err = c.initialCapacity(said.InitialCapacity)
	return u, err
}

func resources(field, cpu, memory, disk string) (r *controlv1.Resources, err error) {
	r = &controlv1.Resources{}
	if r.MilliCpu, err = wire.CPU(field+".cpu", cpu); err != nil {
		return nil, err
	}
	if r.MemoryMib, err = wire.Memory(field+".memory", memory); err != nil {
		return nil, err
	}
	r.DiskMib, err = wire.Disk(field+".disk", disk)
	return r, err
}

// initialCapacity translates a map to a list in the order of its keys, so that a repetition is the same request.
func (c *call) initialCapacity(said map[string]wire.InitialCapacity) (*controlv1.InitialCapacityList, error) {
	if said == nil {
		return nil, nil
	}
	list := &controlv1.InitialCapacityList{}
	for i, key := range slices.Sorted(maps.Keys(said)) {
		field := "initialCapacity." + key
		c.names[fmt.Sprintf("initial_capacity[%d]", i)] = field
		entry := &controlv1.InitialCapacity{WorkerType: key, WorkerCount: said[key].WorkerCount}
		if w := said[key].Configuration; w != nil {
			size, err := resources(field+".workerConfiguration", w.CPU, w.Memory, w.Disk)
			if err != nil {
				return nil, err
			}
			entry.WorkerSize, entry.DiskType = size, w.DiskType
		}
		list.Entries = append(list.Entries, entry)
	}
	return list, nil
}

// scheduler translates what runs at once; what a block that is there leaves out has its default.
func scheduler(said *wire.Scheduler) *controlv1.SchedulerConfiguration {
	if said == nil {
		return nil
	}
	s := &controlv1.SchedulerConfiguration{MaxConcurrentRuns: defaultMaxRuns, QueueTimeoutMinutes: said.QueueTimeoutMinutes}
	if said.MaxConcurrentRuns != nil {
		s.MaxConcurrentRuns = uint32(*said.MaxConcurrentRuns)
	}
	return s
}

// surroundings translates what workers run in; nil when nothing is said of it.
func (c *call) surroundings(said *wire.ApplicationSettings) *controlv1.Surroundings {
	s := &controlv1.Surroundings{DiskEncryption: diskEncryption(said.DiskEncryption)}
	if said.Image != nil {
		s.Image = &controlv1.Image{Uri: said.Image.URI, ApplicationLevelDigestResolution: said.Image.ResolveOnce}
	}
	if said.WorkerTypes != nil {
		s.WorkerImages = c.workerImages(said.WorkerTypes)
	}
	if said.Network != nil {
		s.Network = &controlv1.Network{SubnetIds: said.Network.SubnetIDs, SecurityGroupIds: said.Network.SecurityGroupIDs}
	}
	if i := said.Interactive; i != nil {
		s.Interactive = &controlv1.Interactive{StudioEnabled: i.Studio, LivyEndpointEnabled: i.Livy, SessionEnabled: i.Session}
	}
	if i := said.IdentityCenter; i != nil {
		s.IdentityCenter = &controlv1.IdentityCenter{InstanceArn: i.InstanceARN, UserBackgroundSessionsEnabled: i.BackgroundSessions}
	}
	if said.JobCostAllocation != nil {
		s.JobCostAllocation = said.JobCostAllocation.Enabled
	}
	return s
}

func (c *call) workerImages(said map[string]wire.WorkerTypeSpecification) *controlv1.WorkerImages {
	images := &controlv1.WorkerImages{}
	for i, key := range slices.Sorted(maps.Keys(said)) {
		c.names[fmt.Sprintf("surroundings.worker_images[%d]", i)] = "workerTypeSpecifications." + key
		entry := &controlv1.WorkerImage{WorkerType: key, Image: &controlv1.Image{}}
		if image := said[key].Image; image != nil {
			entry.Image.Uri, entry.Image.ApplicationLevelDigestResolution = image.URI, image.ResolveOnce
		}
		images.Entries = append(images.Entries, entry)
	}
	return images
}
