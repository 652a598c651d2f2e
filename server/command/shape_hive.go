package command

import (
	"maps"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/command/hive"
)

// hiveSite is the classification that holds Hive's properties, the last of hiveSites.
const hiveSite = "hive-site"

// hiveSites are the classifications that make the properties of a Hive run, those that win last: as in Hive, whose hive-site is
// read after Tez's and Hadoop's files.
var hiveSites = []string{"core-site", "tez-site", hiveSite}

// hiveBatch is how many Tez tasks may be placed per second, as many as executors of Spark.
const hiveBatch = 20

// hiveShape resolves a Hive submission whole, also while no node can run it. Tez asks for tasks as its query needs them: the run
// needs none to start.
func hiveShape(application *state.Application, submission *state.Submission) (state.Shape, error) {
	settings, err := HiveSettings(application.Release, effective(inherited(application), submission), submission)
	if err != nil {
		return state.Shape{}, err
	}
	return state.Shape{Driver: state.TypeHiveDriver, DriverSize: settings.Driver, Worker: state.TypeTezTask, WorkerSize: settings.Task,
		Initial: settings.Initial, Minimum: 0, Maximum: settings.MaxTasks, Batch: hiveBatch}, nil
}

// HiveSettings resolves everything that a Hive submission says, on a release and over the effective configuration, in which the
// run's classifications have replaced those of its application. The same submission always gives the same settings.
func HiveSettings(release string, effective state.Settings, submission *state.Submission) (hive.Settings, error) {
	site := map[string]string{}
	for _, classification := range hiveSites {
		maps.Copy(site, propertiesOf(effective.Configuration, classification))
	}
	return hive.Resolve(hive.Input{
		ReleaseLabel:  release,
		Site:          site,
		SiteField:     hiveSiteField(effective, submission),
		Parameters:    submission.Hive.Parameters,
		Query:         submission.Hive.Query,
		InitQueryFile: submission.Hive.InitQueryFile,
	})
}

// hiveSiteField is where errors about the hive-site point: to the application's configuration only if the run left it as it was.
func hiveSiteField(effective state.Settings, submission *state.Submission) string {
	inherits := propertiesOf(effective.Configuration, hiveSite) != nil
	if inherits && propertiesOf(submission.Configuration, hiveSite) == nil {
		return "runtime_configuration." + hiveSite
	}
	return "configuration." + hiveSite
}

// effective replaces an application's classifications, whole, by those of a run; one without properties only removes.
func effective(inherited state.Settings, submission *state.Submission) state.Settings {
	own := map[string]bool{}
	var merged []state.Configuration
	for _, c := range submission.Configuration {
		own[c.Classification] = true
		if len(c.Properties) > 0 {
			merged = append(merged, c)
		}
	}
	for _, c := range inherited.Configuration {
		if !own[c.Classification] {
			merged = append(merged, c)
		}
	}
	return state.Settings{Configuration: merged, Monitoring: inherited.Monitoring}
}
