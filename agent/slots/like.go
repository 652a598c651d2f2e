package slots

import (
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// likeSlot returns a worker of the kind that a slot is for, which says nothing of its own; nil: the slot is not warmed.
func likeSlot(s *agentv1.AssignedSlot) *agentv1.AssignedWorker {
	like := &agentv1.AssignedWorker{
		ApplicationId:        s.GetApplicationId(),
		Type:                 s.GetType(),
		MilliCpu:             s.GetMilliCpu(),
		MemoryMib:            s.GetMemoryMib(),
		DiskMib:              s.GetDiskMib(),
		ShuffleOptimizedDisk: s.GetShuffleOptimizedDisk(),
		ReleaseLabel:         s.GetReleaseLabel(),
		ReleaseDigest:        s.GetReleaseDigest(),
		SlotId:               s.GetSlotId(),
	}
	switch program := s.GetProgram().(type) {
	case *agentv1.AssignedSlot_SparkDriver:
		like.Program = &agentv1.AssignedWorker_SparkDriver{SparkDriver: program.SparkDriver}
	case *agentv1.AssignedSlot_SparkExecutor:
		like.Program = &agentv1.AssignedWorker_SparkExecutor{SparkExecutor: program.SparkExecutor}
	default:
		return nil
	}
	return like
}
