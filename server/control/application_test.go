package control

import (
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/caller"
)

type createRequest = controlv1.CreateApplicationRequest

func sparkApplication(r *createRequest) {
	r.Engine, r.ReleaseLabel = controlv1.Engine_ENGINE_SPARK, "emr-7.2.0"
}

func initial(workerType string, count, cpu, memoryGiB, diskGiB int64, disk string) *controlv1.InitialCapacity {
	return &controlv1.InitialCapacity{WorkerType: workerType, WorkerCount: count, DiskType: disk,
		WorkerSize: &controlv1.Resources{MilliCpu: cpu, MemoryMib: memoryGiB << 10, DiskMib: diskGiB << 10}}
}

// written is initial capacity whose type its user wrote so.
func written(wrote string, i *controlv1.InitialCapacity) *controlv1.InitialCapacity {
	i.WrittenType = wrote
	return i
}

func configured(n int) (cs []*controlv1.Configuration) {
	for i := range n {
		cs = append(cs, &controlv1.Configuration{Classification: "c" + strings.Repeat("x", i)})
	}
	return cs
}

func nested(depth int) []*controlv1.Configuration {
	if depth == 0 {
		return nil
	}
	return []*controlv1.Configuration{{Classification: "c", Configurations: nested(depth - 1)}}
}

func property(key, value string) []*controlv1.Configuration {
	return []*controlv1.Configuration{{Classification: "spark-defaults", Properties: map[string]string{key: value}}}
}

// badApplications holds what is wrong with an application, whichever call says it.
var badApplications = map[string]struct {
	change func(*createRequest)
	field  string
	names  []string
}{
	"architecture":     {func(r *createRequest) { r.Architecture = "PDP11" }, "architecture", []string{"PDP11", "ARM64"}},
	"label":            {func(r *createRequest) { r.ReleaseLabel = "emr 7" }, "release_label", []string{"emr 7"}},
	"long label":       {func(r *createRequest) { r.ReleaseLabel = strings.Repeat("7", 65) }, "release_label", []string{"64"}},
	"idle 10081":       {func(r *createRequest) { r.IdleTimeoutMinutes = pointer(int64(10081)) }, "idle_timeout_minutes", []string{"10081", "10080"}},
	"idle -1":          {func(r *createRequest) { r.IdleTimeoutMinutes = pointer(int64(-1)) }, "idle_timeout_minutes", []string{"-1"}},
	"weight 0":         {func(r *createRequest) { r.Weight = pointer(int64(0)) }, "weight", []string{"1000"}},
	"weight 1001":      {func(r *createRequest) { r.Weight = pointer(int64(1001)) }, "weight", []string{"1001"}},
	"capacity below 0": {func(r *createRequest) { r.MaximumCapacity = &controlv1.Resources{MemoryMib: -1} }, "maximum_capacity", []string{"negative"}},
	"capacity beyond":  {func(r *createRequest) { r.MaximumCapacity = &controlv1.Resources{MilliCpu: 1 << 60} }, "maximum_capacity", nil},
	"1001 at once":     {func(r *createRequest) { r.Scheduler = &controlv1.SchedulerConfiguration{MaxConcurrentRuns: 1001} }, "scheduler.max_concurrent_runs", []string{"1001", "1000"}},
	"queue 14":         {func(r *createRequest) { r.Scheduler = queue(14) }, "scheduler.queue_timeout_minutes", []string{"14", "15", "720"}},
	"queue 721":        {func(r *createRequest) { r.Scheduler = queue(721) }, "scheduler.queue_timeout_minutes", []string{"721"}},
	"no classification": {func(r *createRequest) {
		r.RuntimeConfiguration = configured(1)
		r.RuntimeConfiguration[0].Classification = " "
	}, "runtime_configuration", []string{"spark-defaults"}},
	"twice":       {func(r *createRequest) { r.RuntimeConfiguration = append(configured(1), configured(1)...) }, "runtime_configuration", []string{"twice"}},
	"101 of them": {func(r *createRequest) { r.RuntimeConfiguration = configured(101) }, "runtime_configuration", []string{"101", "100"}},
	"11 deep":     {func(r *createRequest) { r.RuntimeConfiguration = nested(11) }, "runtime_configuration", []string{"10"}},
	"blank key":   {func(r *createRequest) { r.RuntimeConfiguration = property(" ", "v") }, "runtime_configuration", []string{"spark-defaults"}},
	"long value":  {func(r *createRequest) { r.RuntimeConfiguration = property("k", strings.Repeat("v", 1025)) }, "runtime_configuration", []string{"1025", "1024", "k"}},
}

func queue(minutes int64) *controlv1.SchedulerConfiguration {
	return &controlv1.SchedulerConfiguration{MaxConcurrentRuns: 1, QueueTimeoutMinutes: &minutes}
}

func TestCreateApplication_NamesWhatIsWrong(t *testing.T) {
	for name, c := range badApplications {
		r := &createRequest{Name: "app"}
		sparkApplication(r)
		c.change(r)
		_, err := specOf(r)
		t.Run(name, func(t *testing.T) { wantError(t, err, errs.Invalid, c.field, c.names...) })
	}
	for name, c := range map[string]struct {
		change func(*createRequest)
		field  string
		names  []string
	}{
		"no engine":     {func(r *createRequest) { r.Engine = 0 }, "engine", []string{"SPARK, HIVE or PROCESS"}},
		"engine 99":     {func(r *createRequest) { r.Engine = 99 }, "engine", nil},
		"no release":    {func(r *createRequest) { r.ReleaseLabel = "" }, "release_label", []string{"SPARK"}},
		"name":          {func(r *createRequest) { r.Name = "a b" }, "name", []string{"a b", "64"}},
		"long name":     {func(r *createRequest) { r.Name = strings.Repeat("a", 65) }, "name", []string{"64"}},
		"tag character": {func(r *createRequest) { r.Tags = map[string]string{"a": "b?"} }, "tags", []string{"'?'"}},
		"reserved tag":  {func(r *createRequest) { r.Tags = map[string]string{"AWS:x": "y"} }, "tags", []string{"AWS:x"}},
	} {
		r := &createRequest{Name: "app"}
		sparkApplication(r)
		c.change(r)
		_, err := specOf(r)
		t.Run(name, func(t *testing.T) { wantError(t, err, errs.Invalid, c.field, c.names...) })
	}
}

func TestCreateApplication_NamesWhatIsWrongWithItsInitialCapacity(t *testing.T) {
	twice := []*controlv1.InitialCapacity{initial("driver", 1, 1000, 2, 20, ""), initial("DRIVER", 1, 1000, 2, 20, "")}
	for name, c := range map[string]struct {
		entries []*controlv1.InitialCapacity
		field   string
		names   []string
	}{
		"no type":            {[]*controlv1.InitialCapacity{initial("", 1, 1000, 2, 20, "")}, "initial_capacity[0].worker_type", []string{"DRIVER and EXECUTOR"}},
		"type of Hive":       {[]*controlv1.InitialCapacity{initial("TEZ_TASK", 1, 1000, 2, 20, "")}, "initial_capacity[0].worker_type", []string{"SPARK", "TEZ_TASK"}},
		"twice":              {twice, "initial_capacity[1].worker_type", []string{"DRIVER", "twice"}},
		"none":               {[]*controlv1.InitialCapacity{initial("DRIVER", 0, 1000, 2, 20, "")}, "initial_capacity[0].worker_count", []string{"0", "1000000"}},
		"1000001":            {[]*controlv1.InitialCapacity{initial("DRIVER", 1_000_001, 1000, 2, 20, "")}, "initial_capacity[0].worker_count", []string{"1000001"}},
		"3 vCPU":             {[]*controlv1.InitialCapacity{initial("DRIVER", 1, 3000, 4, 20, "")}, "initial_capacity[0].worker_size", []string{"3", "8 with 16 to 60"}},
		"1.5 vCPU":           {[]*controlv1.InitialCapacity{initial("DRIVER", 1, 1500, 4, 20, "")}, "initial_capacity[0].worker_size", []string{"1.5 vCPU"}},
		"no size":            {[]*controlv1.InitialCapacity{{WorkerType: "DRIVER", WorkerCount: 1}}, "initial_capacity[0].worker_size", []string{"1 vCPU with 2 to 8 GB"}},
		"too little memory":  {[]*controlv1.InitialCapacity{initial("DRIVER", 1, 4000, 4, 20, "")}, "initial_capacity[0].worker_size", []string{"4 vCPU with 4 GB", "has 8 GB"}},
		"between two steps":  {[]*controlv1.InitialCapacity{initial("DRIVER", 1, 16000, 36, 20, "")}, "initial_capacity[0].worker_size", []string{"36 GB", "40 GB"}},
		"too much memory":    {[]*controlv1.InitialCapacity{initial("DRIVER", 1, 1000, 9, 20, "")}, "initial_capacity[0].worker_size", []string{"8 GB", "9 GB"}},
		"201 GB of standard": {[]*controlv1.InitialCapacity{initial("DRIVER", 1, 1000, 2, 201, "")}, "initial_capacity[0].worker_size", []string{"200 GB", "201 GB"}},
		"19 GB":              {[]*controlv1.InitialCapacity{initial("DRIVER", 1, 1000, 2, 19, "SHUFFLE_OPTIMIZED")}, "initial_capacity[0].worker_size", []string{"19 GB"}},
		"2.1 TB":             {[]*controlv1.InitialCapacity{initial("DRIVER", 1, 1000, 2, 2150, "SHUFFLE_OPTIMIZED")}, "initial_capacity[0].worker_size", []string{"2048 GB"}},
		"disk type":          {[]*controlv1.InitialCapacity{initial("DRIVER", 1, 1000, 2, 20, "FLOPPY")}, "initial_capacity[0].disk_type", []string{"FLOPPY", "SHUFFLE_OPTIMIZED"}},
	} {
		r := &createRequest{InitialCapacity: c.entries}
		sparkApplication(r)
		_, err := specOf(r)
		t.Run(name, func(t *testing.T) { wantError(t, err, errs.Invalid, c.field, c.names...) })
	}
}

// The vector of the specification of applications, section 5, and names as users write them.
func TestCreateApplication_ShowsWhatWasDecided(t *testing.T) {
	s := serve(t)
	r := &createRequest{Name: "pool", MaximumCapacity: &controlv1.Resources{MilliCpu: 400_000, MemoryMib: 1024 << 10},
		InitialCapacity: []*controlv1.InitialCapacity{initial("Driver", 5, 2000, 4, 0, ""), initial("executor", 50, 4000, 8, 500, "Shuffle_Optimized")},
		Scheduler:       &controlv1.SchedulerConfiguration{MaxConcurrentRuns: 15}, RuntimeConfiguration: property("spark.executor.cores", "4"),
		Monitoring: everywhere(), Tags: map[string]string{"Team": "Data"}}
	sparkApplication(r)
	created, err := s.CreateApplication(t.Context(), r)
	must(t, err)
	answer, err := s.GetApplication(t.Context(), &controlv1.GetApplicationRequest{ApplicationId: created.GetApplication().GetApplicationId()})
	must(t, err)
	a := answer.GetApplication()
	wantSame(t, "drivers", a.GetInitialCapacity()[0], written("Driver", initial("DRIVER", 5, 2000, 4, 20, "STANDARD")))
	wantSame(t, "executors", a.GetInitialCapacity()[1], written("executor", initial("EXECUTOR", 50, 4000, 8, 500, "SHUFFLE_OPTIMIZED")))
	wantSame(t, "scheduler", a.GetScheduler(), &controlv1.SchedulerConfiguration{MaxConcurrentRuns: 15, QueueTimeoutMinutes: pointer(int64(360))})
	wantSame(t, "monitoring", a.GetMonitoring(), everywhere())
	wantSame(t, "drivers' pool", a.GetPools()[0], &controlv1.Pool{WorkerType: "DRIVER", Wanted: 5})
	wantSame(t, "settings", a.GetRuntimeConfiguration()[0], property("spark.executor.cores", "4")[0])
	if a.GetIdleTimeoutMinutes() != 15 || !a.GetAutoStart() || a.GetArchitecture() != "X86_64" || a.GetTags()["Team"] != "Data" || a.GetWeight() != 1 {
		t.Errorf("defaults are wrong: %v", a)
	}
}

func TestPoolType_IsTakenInEveryWriting(t *testing.T) {
	for _, c := range []struct {
		engine controlv1.Engine
		types  map[string]string
	}{
		{controlv1.Engine_ENGINE_SPARK, map[string]string{"driver": "DRIVER", "Executor": "EXECUTOR", "EXECUTOR": "EXECUTOR"}},
		{controlv1.Engine_ENGINE_HIVE, map[string]string{"DRIVER": "HIVE_DRIVER", "HiveDriver": "HIVE_DRIVER", "hive_driver": "HIVE_DRIVER",
			"TEZ_TASK": "TEZ_TASK", "TezTask": "TEZ_TASK", "EXECUTOR": "TEZ_TASK"}},
		{controlv1.Engine_ENGINE_PROCESS, map[string]string{"Driver": "DRIVER", "task": "TASK"}},
	} {
		for written, want := range c.types {
			spec, err := specOf(&createRequest{Engine: c.engine, ReleaseLabel: "emr-7.2.0", InitialCapacity: []*controlv1.InitialCapacity{initial(written, 1, 1000, 2, 20, "")}})
			if err != nil || spec.Initial[0].Type.String() != want {
				t.Errorf("%s of %s: %v, %v", written, c.engine, spec.Initial, err)
			}
		}
	}
}

func TestListApplications_RefusesStatesThatThereAreNot(t *testing.T) {
	s := serve(t)
	id := s.create(nil)
	_, err := s.ListApplications(t.Context(), &controlv1.ListApplicationsRequest{States: []string{"CREATED", "RUNNING"}})
	wantError(t, err, errs.Invalid, "states", "RUNNING", "CREATING, CREATED, STARTING, STARTED, STOPPING, STOPPED, TERMINATED")
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
	r := &createRequest{}
	sparkApplication(r)
	created, err := local.CreateApplication(ctx, r)
	must(t, err)
	_, err = local.DeleteApplication(ctx, &controlv1.DeleteApplicationRequest{ApplicationId: created.GetApplication().GetApplicationId()})
	must(t, err)
	for _, c := range []struct {
		tombstone time.Duration
		want      int
	}{{time.Hour, 1}, {-time.Hour, 0}} {
		s.api.cfg.Limits.Tombstone = c.tombstone
		list, err := local.ListApplications(ctx, &controlv1.ListApplicationsRequest{States: []string{"TERMINATED"}})
		must(t, err)
		if len(list.GetApplications()) != c.want {
			t.Errorf("a tombstone of %s: %d applications are listed, want %d", c.tombstone, len(list.GetApplications()), c.want)
		}
	}
}
