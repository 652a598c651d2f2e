package command

import (
	"math"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/command/configuration"
	"github.com/headrace/headrace/server/command/spark"
)

// shapeOf resolves what a submission's workers look like. Sizes of a PROCESS run were given by its user.
func shapeOf(application *state.Application, c *StartJobRun) (state.Shape, error) {
	if c.Submission.Process != nil {
		return processShape(c), nil
	}
	if c.Submission.Hive != nil {
		return hiveShape(application, c.Submission)
	}
	settings, err := SparkSettings(application.Release, inherited(application), c.Submission)
	if err != nil {
		return state.Shape{}, err
	}
	return state.Shape{Driver: state.TypeDriver, DriverSize: settings.Driver, Worker: state.TypeExecutor, WorkerSize: settings.Executor,
		Initial: settings.Initial, Minimum: settings.Minimum, Maximum: settings.Maximum, Batch: settings.BatchSize,
		Paced: settings.Paced}, nil
}

// SparkSettings resolves everything that a Spark submission says, on a release and over what it inherits. Package dispatch asks
// again when it tells a node what to run: the same submission always gives the same settings.
func SparkSettings(release string, inherited state.Settings, submission *state.Submission) (spark.Settings, error) {
	effective := configuration.Effective(inherited, submission)
	level := func(classification string) spark.Level {
		return spark.Level{Field: configuration.Field(submission, classification), Properties: configuration.Properties(effective.Configuration, classification)}
	}
	return spark.Resolve(spark.Input{
		ReleaseLabel:   release,
		Hadoop:         levelsOf(level, append(underHiveSite(), configuration.HiveSite)),
		Defaults:       level(configuration.SparkDefaults),
		Service:        level(configuration.Spark),
		DriverLog4j2:   level(configuration.SparkDriverLog4j2).Properties,
		ExecutorLog4j2: level(configuration.SparkExecutorLog4j2).Properties,
		Parameters:     submission.Spark.Parameters,
		EntryPoint:     submission.Spark.EntryPoint,
	})
}

// underHiveSite lists the site files under hive-site, the lowest first: of two that have a property the later holds.
func underHiveSite() []string {
	return []string{configuration.CoreSite, configuration.MapredSite, configuration.EmrfsSite, configuration.TezSite}
}

// levelsOf returns the level of each classification.
func levelsOf[L any](level func(string) L, classifications []string) (levels []L) {
	for _, classification := range classifications {
		levels = append(levels, level(classification))
	}
	return levels
}

func processShape(c *StartJobRun) state.Shape {
	tasks := c.Submission.Process.Tasks
	return state.Shape{Driver: state.TypeDriver, DriverSize: c.DriverSize, Worker: state.TypeTask, WorkerSize: c.WorkerSize,
		Initial: tasks, Minimum: tasks, Maximum: tasks, Batch: math.MaxUint32}
}
