package spark

import (
	"context"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"

	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// secretVariable is the variable that an executor reads the attempt's secret from.
const secretVariable = "_SPARK_AUTH_SECRET"

// executorClass is what executors run: the class that Spark's own cluster managers start.
const executorClass = "org.apache.spark.executor.CoarseGrainedExecutorBackend"

// executor returns the command of an executor.
func (e *Engine) executor(ctx context.Context, p layout, w *agentv1.AssignedWorker) (runtime.Command, error) {
	x := w.GetSparkExecutor()
	said := x.GetLaunch().GetProperties()
	if x.GetLaunch().GetDriverUrl() == "" {
		return runtime.Command{}, refused("cannot start executor %d: its driver is not known", w.GetNumber())
	}
	python, err := e.executorPython(ctx, said[versionSetting])
	if err != nil {
		return runtime.Command{}, err
	}
	sources, _, err := e.unpackArchives(ctx, p, said[archivesSetting], "", nil, room(w.GetDiskMib()))
	if err != nil {
		return runtime.Command{}, err
	}
	logs, err := p.log4j(x.GetLog4J2())
	if err != nil {
		return runtime.Command{}, err
	}
	java := executorJVM(p, w, x)
	java.options = append(logs, java.options...)
	java.class = executorClass
	java.args = e.executorArguments(w.GetNumber(), x)
	enforced := map[string]string{secretVariable: hex.EncodeToString(w.GetSecret())}
	environment, err := e.environment(p, python, x.GetEnvironment(), enforced)
	over := handover{
		needs: needsOf(java, environment).with(onceRead(said)),
		start: startExecutor(w, java.options, java.args),
	}
	java.options = append(definitions(said), java.options...)
	return runtime.Command{
		Args:     java.command(),
		Env:      environment,
		Sources:  sources,
		Handover: over,
	}, err
}

// What a driver says of the size of its executors, if its program asks for less than was submitted.
const (
	launchCores = "spark.headrace.launch.cores"
	launchHeap  = "spark.headrace.launch.heapMib"
)

// coresOf returns how many cores an executor offers: those that its driver asks for, and no more than were submitted.
func coresOf(x *agentv1.SparkExecutor) uint64 {
	submitted := uint64(x.GetCores())
	asked, err := strconv.ParseUint(x.GetLaunch().GetProperties()[launchCores], 10, 32)
	if err != nil || asked == 0 {
		return submitted
	}
	return min(asked, submitted)
}

// heapOf returns an executor's heap in MiB: the one that its driver asks for, and no more than its worker has.
func heapOf(w *agentv1.AssignedWorker, x *agentv1.SparkExecutor) int64 {
	asked, err := strconv.ParseInt(x.GetLaunch().GetProperties()[launchHeap], 10, 64)
	if err != nil || asked <= 0 {
		return x.GetHeapMib()
	}
	return min(asked, max(w.GetMemoryMib(), x.GetHeapMib()))
}

// definitions returns properties as options of the JVM, ordered by name.
func definitions(properties map[string]string) []string {
	options := make([]string, 0, len(properties))
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		options = append(options, "-D"+name+"="+properties[name])
	}
	return options
}
