package dispatch

import (
	"github.com/headrace/headrace/fsm/state"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command/configuration"
)

// OnServers is the destination of managed logs that the servers keep on their own disks.
const OnServers = "servers:"

// Destinations says where the logs of a worker are taken to, by what its run inherits and says of monitoring; managed
// is where managed logs are kept. If the run has a destination of its own, stdout and stderr go there only. Spark's
// event log goes to managed logs too, because the user interface reads it there:
//
//	managed only (default)   managed: both
//	managed and S3           S3: both; managed: event log
//	S3 only                  S3: both
//	neither                  none
//
// Only Spark's drivers write an event log. If a destination would take nothing, it is left out.
func Destinations(
	view *state.View,
	run *state.JobRun,
	worker *state.Worker,
	managed string,
) (all []*agentv1.LogDestination) {
	monitoring := configuration.Effective(view.Inherited(run), run.Spec).GetMonitoring()
	events := run.Spark() != nil && worker.Type == state.TypeDriver
	own := monitoring.GetS3().GetLogUri()
	if own != "" {
		all = append(all, &agentv1.LogDestination{Uri: own, WorkerLogs: true, EventLogs: events})
	}
	if !persists(monitoring.GetManagedPersistence()) || own != "" && !events {
		return all
	}
	return append(all, &agentv1.LogDestination{
		Uri:        managed,
		WorkerLogs: own == "",
		EventLogs:  events,
		Managed:    true,
	})
}

// persists says whether managed logs are on, as they are unless somebody says otherwise.
func persists(m *specv1.ManagedPersistence) bool { return !m.HasEnabled() || m.GetEnabled() }

// ManagedLogs returns the destination of managed logs.
func (d *Dispatch) ManagedLogs() string {
	if d.cfg.LogStorage == "" {
		return OnServers
	}
	return d.cfg.LogStorage
}
