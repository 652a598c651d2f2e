package command

import (
	"math"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command/configuration"
	"github.com/headrace/headrace/server/command/property"
	"github.com/headrace/headrace/server/command/spark"
)

// meaning is what a submission's text means.
type meaning struct {
	shape  state.Shape
	launch *eventv1.Launch // nil: the spec says it
}

// meaningOf resolves what a submission's workers look like, and what they are started with. The user of a PROCESS run
// says both.
func meaningOf(application *state.Application, s *specv1.JobRun) (meaning, error) {
	switch engineOf(s) {
	case state.EngineProcess:
		return meaning{shape: processShape(s.GetDriver().GetProcess())}, nil
	case state.EngineHive:
		shape, err := hiveShape(application, s)
		return meaning{shape: shape}, err
	}
	settings, err := SparkSettings(application.Release, inherited(application), s)
	if err != nil {
		return meaning{}, err
	}
	launch := &eventv1.Launch{Engine: &eventv1.Launch_Spark{Spark: SparkLaunch(settings)}}
	return meaning{sparkShape(settings), launch}, nil
}

func sparkShape(s spark.Settings) state.Shape {
	return state.Shape{
		Driver:     state.TypeDriver,
		DriverSize: s.Driver,
		Worker:     state.TypeExecutor,
		WorkerSize: s.Executor,
		Initial:    s.Initial,
		Minimum:    s.Minimum,
		Maximum:    s.Maximum,
		Batch:      s.BatchSize,
		Paced:      s.Paced,
	}
}

// SparkLaunch returns the settings that Spark's workers are started with.
func SparkLaunch(s spark.Settings) *eventv1.SparkLaunch {
	return &eventv1.SparkLaunch{
		MainClass:           s.MainClass,
		Properties:          s.Properties,
		DriverEnvironment:   s.DriverEnv,
		ExecutorEnvironment: s.ExecutorEnv,
		DriverLog4J2:        s.DriverLog4j2,
		ExecutorLog4J2:      s.ExecutorLog4j2,
		DriverHeapMib:       s.DriverHeapMiB,
		ExecutorHeapMib:     s.ExecutorHeapMiB,
		ExecutorCores:       s.ExecutorCores,
	}
}

// SparkSettings resolves everything that a Spark submission says, for a release and over what it inherits.
func SparkSettings(release string, inherited *eventv1.Settings, submission *specv1.JobRun) (spark.Settings, error) {
	said := whatIsSaid(inherited, submission)
	return spark.Resolve(spark.Input{
		ReleaseLabel:   release,
		Hadoop:         said.inAll(append(underHiveSite(), configuration.HiveSite)),
		Defaults:       said.in(configuration.SparkDefaults),
		Service:        said.in(configuration.Spark),
		DriverLog4j2:   said.in(configuration.SparkDriverLog4j2).Properties,
		ExecutorLog4j2: said.in(configuration.SparkExecutorLog4j2).Properties,
		Parameters:     submission.GetDriver().GetSparkSubmit().GetSparkSubmitParameters(),
		EntryPoint:     submission.GetDriver().GetSparkSubmit().GetEntryPoint(),
	})
}

// underHiveSite lists the site files under hive-site, the lowest first: if two of them have a property, the later one
// wins.
func underHiveSite() []string {
	return []string{configuration.CoreSite, configuration.MapredSite, configuration.EmrfsSite, configuration.TezSite}
}

// said has what a submission says in configurations, over what it inherits.
type said struct {
	submission *specv1.JobRun
	effective  *eventv1.Settings
}

func whatIsSaid(inherited *eventv1.Settings, submission *specv1.JobRun) said {
	return said{submission, configuration.Effective(inherited, submission)}
}

// in returns what is said in a classification.
func (s said) in(classification string) property.Level {
	return property.Level{
		Field:      configuration.Field(s.submission, classification),
		Properties: configuration.Properties(s.effective.GetConfiguration(), classification),
	}
}

// inAll returns what is said in each classification.
func (s said) inAll(classifications []string) (levels []property.Level) {
	for _, classification := range classifications {
		levels = append(levels, s.in(classification))
	}
	return levels
}

func processShape(p *specv1.Process) state.Shape {
	return state.Shape{
		Driver:     state.TypeDriver,
		DriverSize: processSize(p.GetDriverSize()),
		Worker:     state.TypeTask,
		WorkerSize: processSize(p.GetTaskSize()),
		Initial:    p.GetTasks(),
		Minimum:    p.GetTasks(),
		Maximum:    p.GetTasks(),
		Batch:      math.MaxUint32,
	}
}

func processSize(m *specv1.ProcessSize) state.Size {
	return state.Size{
		Vector: resource.Vector{MilliCPU: m.GetMilliCpu(), MemoryMiB: m.GetMemoryMib(), DiskMiB: m.GetDiskMib()},
		Disk:   resource.DiskStandard,
	}
}
