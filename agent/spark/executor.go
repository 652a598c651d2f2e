package spark

import (
	"context"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"

	"github.com/headrace/headrace/agent/runtime"
)

// executor returns the command of an executor: the class that Spark's own cluster managers start.
func (e *Engine) executor(ctx context.Context, p place, w *agentv1.AssignedWorker) (runtime.Command, error) {
	x := w.GetSparkExecutor()
	launch := x.GetLaunch()
	if launch.GetDriverUrl() == "" {
		return runtime.Command{}, refused("cannot start executor %d: its driver is not known", w.GetNumber())
	}
	python, err := e.executorPython(ctx, launch.GetProperties()[versionSetting])
	if err != nil {
		return runtime.Command{}, err
	}
	sources, err := p.unpackArchives(ctx, launch.GetProperties()[archivesSetting], w.GetDiskMib())
	if err != nil {
		return runtime.Command{}, err
	}
	java := jvm{
		place: p, heapMiB: x.GetHeapMib(), milliCPU: w.GetMilliCpu(), classPath: x.GetClassPath(),
		hadoop:  hadoopPath(x.GetEnvironment()),
		options: append(definitions(launch.GetProperties()), splitOptions(x.GetJavaOptions())...),
		class:   "org.apache.spark.executor.CoarseGrainedExecutorBackend",
		args: []string{
			"--driver-url", launch.GetDriverUrl(),
			"--executor-id", strconv.FormatUint(uint64(w.GetNumber()), 10),
			"--bind-address", e.bind(),
			"--hostname", e.config.Host,
			"--cores", strconv.FormatUint(uint64(x.GetCores()), 10),
			"--app-id", launch.GetSparkApplicationId(),
			"--resourceProfileId", "0",
		},
	}
	enforced := map[string]string{"_SPARK_AUTH_SECRET": hex.EncodeToString(w.GetSecret())}
	environment, err := e.environment(p, python, x.GetEnvironment(), enforced)
	return runtime.Command{Args: java.command(), Env: environment, Dir: p.work(), Sources: sources}, err
}

// definitions returns properties as options of the JVM, ordered by name.
func definitions(properties map[string]string) []string {
	options := make([]string, 0, len(properties))
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		options = append(options, "-D"+name+"="+properties[name])
	}
	return options
}
