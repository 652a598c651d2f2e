package spark

import (
	"maps"
	"math"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command/property"
)

// FuzzResolve: whatever is submitted gives settings that hold together, and these, submitted as a run's configuration,
// mean the same again; or it is refused as invalid, with the field.
func FuzzResolve(f *testing.F) {
	f.Add("--executor-memory 4g --conf spark.emr-serverless.executor.disk=50G", "spark.dynamicAllocation.minExecutors",
		"2", "emr-7.2.0")
	f.Add("--executor-cores 1", "spark.executor.memoryOverhead", "100g", "emr-7.2.0")
	f.Add("--num-executors 5 --conf spark.dynamicAllocation.enabled=false", "spark.memory.offHeap.size", "1g",
		"emr-6.9.0")
	f.Add("--conf spark.executorEnv.A=b -c spark.headrace.driverEnv.A=c", "spark.authenticate", "false", "")
	f.Fuzz(func(t *testing.T, parameters, key, value, label string) {
		said := map[string]string{key: value}
		in := Input{
			ReleaseLabel: label,
			Hadoop:       []property.Level{from(overrides+"[hive-site]", said)},
			Defaults:     from(run, said),
			Parameters:   parameters,
			EntryPoint:   "job.py",
		}
		s, err := Resolve(in)
		if err != nil {
			if e, _ := err.(*errs.Error); e == nil || e.Kind != errs.Invalid || e.Field == "" {
				t.Fatalf("refused as %s, without a field: %v", errs.KindOf(err), err)
			}
			return
		}
		checkSettings(t, &s)
		again, err := Resolve(Input{ReleaseLabel: label, Defaults: from(run, s.Properties), EntryPoint: "job.py"})
		if err != nil || !maps.Equal(again.Properties, s.Properties) || again.Driver != s.Driver ||
			again.Executor != s.Executor ||
			again.Initial != s.Initial || again.Minimum != s.Minimum || again.Maximum != s.Maximum {
			t.Fatalf("%+v\nmeans something else the second time, %v:\n%+v", s, err, again)
		}
	})
}

func checkSettings(t *testing.T, s *Settings) {
	t.Helper()
	if s.Minimum > s.Initial || s.Initial > s.Maximum || s.Maximum == 0 || s.BatchSize == 0 ||
		s.Maximum != math.MaxUint32 && s.Maximum > property.MaxCount {
		t.Fatalf("numbers do not hold together: %+v", s)
	}
	if s.DriverHeapMiB <= 0 || s.DriverHeapMiB > s.Driver.MemoryMiB || s.ExecutorHeapMiB <= 0 ||
		s.ExecutorHeapMiB > s.Executor.MemoryMiB {
		t.Fatalf("heap and memory do not hold together: %+v", s)
	}
}
