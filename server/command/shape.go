package command

import (
	"math"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/command/spark"
)

// sparkDefaults is the classification that holds Spark's properties.
const sparkDefaults = "spark-defaults"

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
		Initial: settings.Initial, Minimum: settings.Minimum, Maximum: settings.Maximum, Batch: settings.BatchSize}, nil
}

// SparkSettings resolves everything that a Spark submission says, on a release and over what it inherits. Package dispatch asks
// again when it tells a node what to run: the same submission always gives the same settings.
func SparkSettings(release string, inherited state.Settings, submission *state.Submission) (spark.Settings, error) {
	return spark.Resolve(spark.Input{
		ReleaseLabel:        release,
		ApplicationDefaults: propertiesOf(inherited.Configuration, sparkDefaults),
		RunDefaults:         propertiesOf(submission.Configuration, sparkDefaults),
		Parameters:          submission.Spark.Parameters,
		EntryPoint:          submission.Spark.EntryPoint,
	})
}

func propertiesOf(configurations []state.Configuration, classification string) map[string]string {
	for _, c := range configurations {
		if c.Classification == classification {
			return c.Properties
		}
	}
	return nil
}

func processShape(c *StartJobRun) state.Shape {
	tasks := c.Submission.Process.Tasks
	return state.Shape{Driver: state.TypeDriver, DriverSize: c.DriverSize, Worker: state.TypeTask, WorkerSize: c.WorkerSize,
		Initial: tasks, Minimum: tasks, Maximum: tasks, Batch: math.MaxUint32}
}
