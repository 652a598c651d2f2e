package control

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/caller"
)

func sparkApplication(a *specv1.Application) {
	a.SetEngine(specv1.Engine_ENGINE_SPARK)
	a.SetReleaseLabel("emr-7.2.0")
}

// hold has workers of one more type held ready.
func hold(a *specv1.Application, workerType string, count, milliCPU, memoryGiB int64) {
	size := specv1.WorkerSize_builder{MilliCpu: new(milliCPU), MemoryMib: new(memoryGiB << 10)}.Build()
	all := maps.Clone(a.GetInitialCapacity())
	if all == nil {
		all = map[string]*specv1.InitialCapacity{}
	}
	all[workerType] = specv1.InitialCapacity_builder{WorkerCount: new(count), WorkerSize: size}.Build()
	a.SetInitialCapacity(all)
}

func property(key, value string) []*specv1.Configuration {
	one := specv1.Configuration_builder{
		Classification: new("spark-defaults"),
		Properties:     map[string]string{key: value},
	}
	return []*specv1.Configuration{one.Build()}
}

// everywhere says of monitoring all that something acts on.
func everywhere() *specv1.Monitoring {
	return specv1.Monitoring_builder{
		S3:                 specv1.S3Monitoring_builder{LogUri: new("s3://logs/a")}.Build(),
		ManagedPersistence: specv1.ManagedPersistence_builder{Enabled: new(false)}.Build(),
	}.Build()
}

// badApplications holds what is wrong with an application, whichever call says it: one of each kind of rule. Package
// spec has all.
var badApplications = map[string]struct {
	change func(*specv1.Application)
	field  string
	names  []string
}{
	"a rule of the protos": {
		func(a *specv1.Application) { a.SetWeight(1001) }, "weight", []string{"1001", "1000"},
	},
	"a pattern": {
		func(a *specv1.Application) { a.SetReleaseLabel("emr 7") }, "release_label", []string{"emr 7"},
	},
	"a part of a part": {
		func(a *specv1.Application) {
			a.SetAutoStop(specv1.AutoStop_builder{IdleTimeoutMinutes: new(int64(10081))}.Build())
		}, "auto_stop.idle_timeout_minutes", []string{"10081", "10080"},
	},
	"a word that there is not": {
		func(a *specv1.Application) { a.SetArchitecture(9) }, "architecture", []string{"9", "ARM64"},
	},
	"a size": {
		func(a *specv1.Application) { hold(a, "Driver", 1, 3000, 4) },
		"initial_capacity[Driver].worker_size",
		[]string{"3", "8 with 16 to 60"},
	},
	"a type of Hive": {
		func(a *specv1.Application) { hold(a, "TezTask", 1, 1000, 2) },
		"initial_capacity[TezTask]",
		[]string{"SPARK", "TezTask"},
	},
	"a limit": {
		func(a *specv1.Application) {
			a.SetMaximumCapacity(specv1.MaximumCapacity_builder{MemoryMib: new(int64(-1))}.Build())
		}, "maximum_capacity", []string{"negative"},
	},
	"the same twice": {
		func(a *specv1.Application) {
			a.SetRuntimeConfiguration(append(property("a", "1"), property("a", "2")...))
		}, "runtime_configuration[1].classification", []string{"twice"},
	},
	"a key that acts on terminals": {
		func(a *specv1.Application) { a.SetRuntimeConfiguration(property("a\x1b", "1")) },
		"runtime_configuration[0].properties[a^[]",
		[]string{"^["},
	},
	"a place for logs": {
		func(a *specv1.Application) {
			s3 := specv1.S3Monitoring_builder{LogUri: new("ftp://x")}.Build()
			a.SetMonitoring(specv1.Monitoring_builder{S3: s3}.Build())
		}, "monitoring.s3.log_uri", []string{"ftp://x"},
	},
}

func TestCreateApplication_NamesWhatIsWrong(t *testing.T) {
	s := serve(t)
	create := func(change func(*specv1.Application)) error {
		a := &specv1.Application{}
		sparkApplication(a)
		change(a)
		_, err := s.CreateApplication(t.Context(), &controlv1.CreateApplicationRequest{Spec: a})
		return err
	}
	for name, c := range badApplications {
		t.Run(name, func(t *testing.T) { wantError(t, create(c.change), errs.Invalid, "spec."+c.field, c.names...) })
	}
	for name, c := range map[string]struct {
		change func(*specv1.Application)
		field  string
		names  []string
	}{
		"no engine":  {func(a *specv1.Application) { a.ClearEngine() }, "engine", []string{"SPARK, HIVE or PROCESS"}},
		"no release": {func(a *specv1.Application) { a.ClearReleaseLabel() }, "release_label", []string{"SPARK"}},
		"name":       {func(a *specv1.Application) { a.SetName("a b") }, "name", []string{"a b", "64"}},
		"long name":  {func(a *specv1.Application) { a.SetName(strings.Repeat("a", 65)) }, "name", []string{"64"}},
		"reserved tag": {
			func(a *specv1.Application) { a.SetTags(map[string]string{"AWS:x": "y"}) },
			"tags",
			[]string{"AWS:x"},
		},
	} {
		t.Run(name, func(t *testing.T) { wantError(t, create(c.change), errs.Invalid, "spec."+c.field, c.names...) })
	}
	_, err := s.CreateApplication(t.Context(), &controlv1.CreateApplicationRequest{})
	wantError(t, err, errs.Invalid, "spec.engine", "SPARK, HIVE or PROCESS")
}

// The vector of the specification of applications, section 5, and names as users write them.
func TestCreateApplication_ShowsWhatWasDecided(t *testing.T) {
	s := serve(t)
	id := s.create(func(a *specv1.Application) {
		sparkApplication(a)
		a.SetName("pool")
		a.SetMaximumCapacity(
			specv1.MaximumCapacity_builder{MilliCpu: new(int64(400_000)), MemoryMib: new(int64(1024 << 10))}.Build(),
		)
		hold(a, "Driver", 5, 2000, 4)
		hold(a, "executor", 50, 4000, 8)
		size := a.GetInitialCapacity()["executor"].GetWorkerSize()
		size.SetDiskMib(500 << 10)
		size.SetDiskType(specv1.DiskType_DISK_TYPE_SHUFFLE_OPTIMIZED)
		a.SetScheduler(specv1.Scheduler_builder{MaxConcurrentRuns: new(uint32(15))}.Build())
		a.SetRuntimeConfiguration(property("spark.executor.cores", "4"))
		a.SetMonitoring(everywhere())
		a.SetTags(map[string]string{"Team": "Data"})
	})
	answer, err := s.GetApplication(t.Context(), &controlv1.GetApplicationRequest{ApplicationId: id})
	must(t, err)
	a := answer.GetApplication().GetSpec()
	drivers, executors := a.GetInitialCapacity()["Driver"], a.GetInitialCapacity()["executor"]
	if drivers.GetWorkerCount() != 5 || drivers.GetWorkerSize().GetDiskMib() != 20<<10 ||
		drivers.GetWorkerSize().GetDiskType() != specv1.DiskType_DISK_TYPE_STANDARD ||
		executors.GetWorkerSize().GetDiskMib() != 500<<10 || len(a.GetInitialCapacity()) != 2 {
		t.Errorf("initial capacity: %v", a.GetInitialCapacity())
	}
	wantSame(t, "scheduler", a.GetScheduler(), queue(15, 360))
	wantSame(t, "monitoring", a.GetMonitoring(), everywhere())
	wantSame(
		t,
		"drivers' pool",
		answer.GetApplication().GetPools()[0],
		&controlv1.Pool{WorkerType: "DRIVER", Wanted: 5},
	)
	wantSame(t, "settings", a.GetRuntimeConfiguration()[0], property("spark.executor.cores", "4")[0])
	if a.GetAutoStop().GetIdleTimeoutMinutes() != 15 || !a.GetAutoStop().GetEnabled() || !a.GetAutoStart().GetEnabled() ||
		a.GetArchitecture() != specv1.Architecture_ARCHITECTURE_X86_64 ||
		a.GetTags()["Team"] != "Data" ||
		a.GetWeight() != 1 {
		t.Errorf("defaults are wrong: %v", a)
	}
}

func queue(runs uint32, minutes int64) *specv1.Scheduler {
	return specv1.Scheduler_builder{MaxConcurrentRuns: new(runs), QueueTimeoutMinutes: new(minutes)}.Build()
}

// What a type of worker is, is the same whichever way it is written, and it is shown as it was written.
func TestPools_AreOfTheTypesThatUsersMean(t *testing.T) {
	s := serve(t)
	for _, c := range []struct {
		engine specv1.Engine
		types  map[string]string
	}{
		{specv1.Engine_ENGINE_SPARK, map[string]string{"driver": "DRIVER", "Executor": "EXECUTOR"}},
		{specv1.Engine_ENGINE_HIVE, map[string]string{"hive_driver": "HIVE_DRIVER", "TezTask": "TEZ_TASK"}},
		{specv1.Engine_ENGINE_PROCESS, map[string]string{"Driver": "DRIVER", "task": "TASK"}},
	} {
		id := s.create(func(a *specv1.Application) {
			sparkApplication(a)
			if a.SetEngine(c.engine); c.engine == specv1.Engine_ENGINE_PROCESS {
				a.ClearReleaseLabel()
			}
			for written := range c.types {
				hold(a, written, 1, 1000, 2)
			}
		})
		answer, err := s.GetApplication(t.Context(), &controlv1.GetApplicationRequest{ApplicationId: id})
		must(t, err)
		var pools []string
		for _, p := range answer.GetApplication().GetPools() {
			pools = append(pools, p.GetWorkerType())
		}
		want := slices.Sorted(maps.Values(c.types))
		shown := slices.Sorted(maps.Keys(answer.GetApplication().GetSpec().GetInitialCapacity()))
		if !slices.Equal(slices.Sorted(slices.Values(pools)), want) ||
			!slices.Equal(shown, slices.Sorted(maps.Keys(c.types))) {
			t.Errorf("%s: pools of %v, shown as %v", c.engine, pools, shown)
		}
	}
}

func TestListApplications_RefusesStatesThatThereAreNot(t *testing.T) {
	s := serve(t)
	id := s.create(nil)
	_, err := s.ListApplications(
		t.Context(),
		&controlv1.ListApplicationsRequest{States: []string{"CREATED", "RUNNING"}},
	)
	wantError(
		t,
		err,
		errs.Invalid,
		"states",
		"RUNNING",
		"CREATING, CREATED, STARTING, STARTED, STOPPING, STOPPED, TERMINATED",
	)
	for state, want := range map[string]int{"CREATED": 1, "TERMINATED": 0} {
		list, err := s.ListApplications(t.Context(), &controlv1.ListApplicationsRequest{States: []string{state}})
		must(t, err)
		if len(list.GetApplications()) != want || want == 1 && list.GetApplications()[0].GetApplicationId() != id {
			t.Errorf("%s: %v", state, list.GetApplications())
		}
	}
}

// What GetApplication no longer finds is in no list either.
func TestListApplications_ShowsTombstonesAsLongAsTheyAnswer(t *testing.T) {
	s := serve(t)
	local := controlv1.NewApplicationServiceClient(s.api.Local()) // in this goroutine, which changes a limit
	ctx := caller.With(t.Context(), caller.Local())
	a := &specv1.Application{}
	sparkApplication(a)
	created, err := local.CreateApplication(ctx, &controlv1.CreateApplicationRequest{Spec: a})
	must(t, err)
	_, err = local.DeleteApplication(
		ctx,
		&controlv1.DeleteApplicationRequest{ApplicationId: created.GetApplication().GetApplicationId()},
	)
	must(t, err)
	for _, c := range []struct {
		tombstone time.Duration
		want      int
	}{{time.Hour, 1}, {-time.Hour, 0}} {
		s.api.cfg.Limits.Tombstone = c.tombstone
		list, err := local.ListApplications(ctx, &controlv1.ListApplicationsRequest{States: []string{"TERMINATED"}})
		must(t, err)
		if len(list.GetApplications()) != c.want {
			t.Errorf(
				"a tombstone of %s: %d applications are listed, want %d",
				c.tombstone,
				len(list.GetApplications()),
				c.want,
			)
		}
	}
}
