package spark

import (
	"maps"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/server/command/property"
)

// The fields of a request that errors name.
const (
	parametersField = "spec.driver.spark_submit.spark_submit_parameters"
	entryPointField = "spec.driver.spark_submit.entry_point"
)

// Input is what a submission says, by level.
type Input struct {
	ReleaseLabel                 string            // decides defaults; a label of unknown form counts as new
	Hadoop                       []property.Level  // the site files of Hadoop and Hive, the lowest first
	Defaults                     property.Level    // properties of the classification spark-defaults
	Service                      property.Level    // properties of the classification spark
	DriverLog4j2, ExecutorLog4j2 map[string]string // properties of spark-driver-log4j2 and spark-executor-log4j2
	Parameters                   string            // sparkSubmitParameters, read like a shell does, without expansion
	EntryPoint                   string            // the URI of a Python file, R file or JAR
}

// Settings is what a submission means.
type Settings struct {
	MainClass  string            // of a JAR; empty: what its manifest says
	Properties map[string]string // the properties file of spark-submit, without what the platform enforces

	DriverEnv, ExecutorEnv       map[string]string
	DriverLog4j2, ExecutorLog4j2 map[string]string // what the user changes of log4j2.properties; nil: nothing

	Driver, Executor               resource.Size // what workers hold on nodes: heap and overhead on the ladder
	DriverHeapMiB, ExecutorHeapMiB int64
	ExecutorCores                  uint32

	Dynamic   bool   // Spark asks for executors and gives them back as load comes and goes
	Initial   uint32 // executors at the start; between Minimum and Maximum
	Minimum   uint32 // executors without which the run is not started; without dynamic allocation 1
	Maximum   uint32 // executors at most; math.MaxUint32: no bound
	BatchSize uint32 // executors that may be allocated per second; at least 1
	Paced     bool   // dynamicAllocationOptimization: no more is asked of the nodes than they have started
}

// refuseR refuses a program in R: neither the image of the original nor the release has R.
func refuseR(entryPoint, mainClass string) error {
	path, _, _ := strings.Cut(entryPoint, "#")
	if strings.HasSuffix(strings.ToLower(path), ".r") || strings.HasSuffix(mainClass, ".RRunner") {
		return errs.Field(entryPointField, "cannot run SparkR: releases have no R; give a Python file or a JAR")
	}
	return nil
}

// Resolve returns what a submission means. Its errors are of kind Invalid and name the level in Field.
func Resolve(in Input) (Settings, error) {
	if strings.TrimSpace(in.EntryPoint) == "" {
		return Settings{}, errs.Field(entryPointField, "cannot be empty: give the URI of a Python file or a JAR")
	}
	mainClass, set, err := merge(in)
	if err != nil {
		return Settings{}, err
	}
	if err := refuseR(in.EntryPoint, mainClass); err != nil {
		return Settings{}, err
	}
	if err := set.checkStrings(mainClass); err != nil {
		return Settings{}, err
	}
	s := Settings{
		MainClass:      mainClass,
		DriverLog4j2:   maps.Clone(in.DriverLog4j2),
		ExecutorLog4j2: maps.Clone(in.ExecutorLog4j2),
	}
	if s.Paced, err = paced(in.Service); err != nil {
		return Settings{}, err
	}
	if err := set.settle(&s); err != nil {
		return Settings{}, err
	}
	return s, nil
}

// settle reads sizes, numbers, variables and properties from the merged levels.
func (l levels) settle(s *Settings) error {
	for _, settle := range []func(*Settings, levels) error{sizeDriver, sizeExecutor, countExecutors, paceExecutors} {
		if err := settle(s, l); err != nil {
			return err
		}
	}
	s.Paced = s.Paced && s.Dynamic // a fixed number of executors is asked for once
	s.DriverEnv = l.under(driverEnv)
	s.ExecutorEnv = l.under(executorEnv)
	if err := l.checkTotal(s); err != nil {
		return err
	}
	s.Properties = l.final(s)
	return nil
}
