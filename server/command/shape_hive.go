package command

import (
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command/configuration"
	"github.com/headrace/headrace/server/command/hive"
)

// hiveBatch is how many Tez tasks may be placed per second, as many as executors of Spark.
const hiveBatch = 20

// hiveShape resolves a whole Hive submission, although no node can run it yet. Tez asks for tasks as its query needs
// them, so the run needs none to start.
func hiveShape(application *state.Application, submission *specv1.JobRun) (state.Shape, error) {
	settings, err := HiveSettings(application.Release, inherited(application), submission)
	if err != nil {
		return state.Shape{}, err
	}
	return state.Shape{
		Driver:     state.TypeHiveDriver,
		DriverSize: settings.Driver,
		Worker:     state.TypeTezTask,
		WorkerSize: settings.Task,
		Initial:    settings.Initial,
		Minimum:    0,
		Maximum:    settings.MaxTasks,
		Batch:      hiveBatch,
	}, nil
}

// HiveSettings resolves everything that a Hive submission says, for a release and over what it inherits. The same
// submission always gives the same settings.
func HiveSettings(release string, inherited *eventv1.Settings, submission *specv1.JobRun) (hive.Settings, error) {
	said := whatIsSaid(inherited, submission)
	site := said.in(configuration.HiveSite)
	return hive.Resolve(hive.Input{
		ReleaseLabel:  release,
		Under:         said.inAll(underHiveSite()),
		Site:          site.Properties,
		SiteField:     site.Field,
		Parameters:    submission.GetDriver().GetHive().GetParameters(),
		Query:         submission.GetDriver().GetHive().GetQuery(),
		InitQueryFile: submission.GetDriver().GetHive().GetInitQueryFile(),
	})
}
