package control

import (
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// The bounds of what runs at once (specification of the API, section 4); times in minutes.
const (
	maxConcurrentRuns   = 1000
	minQueueTimeout     = 15
	maxQueueTimeout     = 720
	defaultQueueTimeout = 360
)

// setScheduler takes how many runs may run at once, and how long others queue. A message without fields removes the limit.
func setScheduler(spec *state.Application, r *controlv1.UpdateApplicationRequest) error {
	s := r.GetScheduler()
	if s == nil {
		return nil
	}
	minutes := int64(defaultQueueTimeout)
	if s.QueueTimeoutMinutes != nil {
		minutes = s.GetQueueTimeoutMinutes()
	}
	switch {
	case s.GetMaxConcurrentRuns() > maxConcurrentRuns:
		return errs.Field("scheduler.max_concurrent_runs", "%d is not between 1 and %d; 0 is no limit", s.GetMaxConcurrentRuns(), maxConcurrentRuns)
	case minutes < minQueueTimeout || minutes > maxQueueTimeout:
		return errs.Field("scheduler.queue_timeout_minutes", "%d is not between %d and %d", minutes, minQueueTimeout, maxQueueTimeout)
	}
	spec.MaxRuns, spec.QueueTimeout = s.GetMaxConcurrentRuns(), time.Duration(minutes)*time.Minute
	return nil
}

// schedulerOf shows what was decided; nothing when there is no limit and the queue has its default.
func schedulerOf(a *state.Application) *controlv1.SchedulerConfiguration {
	minutes := int64(a.QueueTimeout / time.Minute)
	if a.MaxRuns == 0 && (minutes == 0 || minutes == defaultQueueTimeout) {
		return nil
	}
	return &controlv1.SchedulerConfiguration{MaxConcurrentRuns: a.MaxRuns, QueueTimeoutMinutes: &minutes}
}
