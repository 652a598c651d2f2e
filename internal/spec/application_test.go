package spec

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func TestValidateApplication_NamesWhatIsWrong(t *testing.T) {
	type application = specv1.Application
	words := map[string]string{}
	for i := range 9 {
		words[fmt.Sprint(i)] = "v"
	}
	image := func(uri string) func(*application) {
		return func(a *application) { a.SetImage(specv1.Image_builder{Uri: new(uri)}.Build()) }
	}
	images := func(types ...string) func(*application) {
		return func(a *application) {
			all := map[string]*specv1.WorkerTypeSpecification{}
			for _, t := range types {
				all[t] = specv1.WorkerTypeSpecification_builder{Image: specv1.Image_builder{Uri: new("a:1")}.Build()}.Build()
			}
			a.SetWorkerTypeSpecifications(all)
		}
	}
	network := func(subnets, groups []string) func(*application) {
		return func(a *application) {
			a.SetNetwork(specv1.Network_builder{SubnetIds: subnets, SecurityGroupIds: groups}.Build())
		}
	}
	encryption := func(words map[string]string, key *string) func(*application) {
		return func(a *application) {
			a.SetDiskEncryption(specv1.DiskEncryption_builder{Context: words, KeyArn: key}.Build())
		}
	}
	settings := func(all []*specv1.Configuration) func(*application) {
		return func(a *application) { a.SetRuntimeConfiguration(all) }
	}
	idle := func(minutes int64) func(*application) {
		return func(a *application) {
			a.SetAutoStop(specv1.AutoStop_builder{IdleTimeoutMinutes: new(minutes)}.Build())
		}
	}
	scheduler := func(minutes int64, runs uint32) func(*application) {
		return func(a *application) {
			a.SetScheduler(specv1.Scheduler_builder{QueueTimeoutMinutes: new(minutes), MaxConcurrentRuns: new(runs)}.Build())
		}
	}
	limit := func(m *specv1.MaximumCapacity) func(*application) {
		return func(a *application) { a.SetMaximumCapacity(m) }
	}
	long := func(n int) string { return strings.Repeat("x", n) }
	for name, c := range map[string]struct {
		change func(*application)
		field  string
		names  []string
	}{
		"no engine": {func(a *application) { a.ClearEngine() }, "engine", []string{"SPARK, HIVE or PROCESS"}},
		"engine 0":  {func(a *application) { a.SetEngine(0) }, "engine", []string{"SPARK, HIVE or PROCESS"}},
		"engine 99": {func(a *application) { a.SetEngine(99) }, "engine", []string{"99", "SPARK, HIVE, PROCESS"}},
		"no release": {
			func(a *application) { a.ClearReleaseLabel() },
			"release_label",
			[]string{"SPARK", "emr-7.2.0"},
		},
		"name":           {func(a *application) { a.SetName("a b") }, "name", []string{"a b", "64"}},
		"no name at all": {func(a *application) { a.SetName("") }, "name", []string{"64"}},
		"long name":      {func(a *application) { a.SetName(long(65)) }, "name", []string{"64"}},
		"tag character":  {func(a *application) { a.SetTags(map[string]string{"a": "b?"}) }, "tags", []string{"'?'"}},
		"reserved tag":   {func(a *application) { a.SetTags(map[string]string{"AWS:x": "y"}) }, "tags", []string{"AWS:x"}},
		"architecture":   {func(a *application) { a.SetArchitecture(7) }, "architecture", []string{"7", "X86_64, ARM64"}},
		"label":          {func(a *application) { a.SetReleaseLabel("emr 7") }, "release_label", []string{"emr 7"}},
		"long label":     {func(a *application) { a.SetReleaseLabel(long(65)) }, "release_label", []string{"64"}},
		"idle 10081":     {idle(10081), "auto_stop.idle_timeout_minutes", []string{"10081", "between 1 and 10080"}},
		"idle 0":         {idle(0), "auto_stop.idle_timeout_minutes", []string{"0 is"}},
		"idle -1":        {idle(-1), "auto_stop.idle_timeout_minutes", []string{"-1"}},
		"weight 0":       {func(a *application) { a.SetWeight(0) }, "weight", []string{"1000"}},
		"priority 101":   {func(a *application) { a.SetPriority(101) }, "priority", []string{"101", "100"}},
		"weight 1001":    {func(a *application) { a.SetWeight(1001) }, "weight", []string{"1001"}},
		"capacity below 0": {
			limit(specv1.MaximumCapacity_builder{MemoryMib: new(int64(-1))}.Build()),
			"maximum_capacity",
			[]string{"negative"},
		},
		"capacity beyond": {
			limit(specv1.MaximumCapacity_builder{MilliCpu: new(int64(1 << 60))}.Build()),
			"maximum_capacity",
			[]string{"1099511627.776 vCPU"},
		},
		"1001 at once": {scheduler(60, 1001), "scheduler.max_concurrent_runs", []string{"1001", "1000"}},
		"none at once": {scheduler(60, 0), "scheduler.max_concurrent_runs", []string{"0 is", "1000"}},
		"queue 14":     {scheduler(14, 1), "scheduler.queue_timeout_minutes", []string{"14", "15", "720"}},
		"queue 721":    {scheduler(721, 1), "scheduler.queue_timeout_minutes", []string{"721"}},
		"no classification": {
			settings([]*specv1.Configuration{{}}),
			"runtime_configuration[0].classification",
			[]string{"spark-defaults"},
		},
		"blank one": {
			settings([]*specv1.Configuration{specv1.Configuration_builder{Classification: new(" ")}.Build()}),
			"runtime_configuration[0].classification",
			[]string{"spark-defaults"},
		},
		"twice": {
			settings(append(configured(2), configured(1)...)),
			"runtime_configuration[2].classification",
			[]string{"twice", `"c"`},
		},
		"101 of them": {settings(configured(101)), "runtime_configuration", []string{"101 configurations", "100"}},
		"11 deep":     {settings(nested(11)), "runtime_configuration", []string{"10"}},
		"blank key": {
			settings(property(" ", "v")),
			"runtime_configuration[0].properties[ ]",
			[]string{`" "`, "space"},
		},
		"long key": {
			settings(property(long(1025), "v")),
			"runtime_configuration[0].properties[" + long(512-len("spec.runtime_configuration[0].properties[")) + " ...",
			[]string{"1025", "1 to 1024"},
		},
		"long value": {
			settings(property("k", long(1025))),
			"runtime_configuration[0].properties[k]",
			[]string{"1025", "1024", `"k"`},
		},
		"image": {
			image("https://registry/image"),
			"image.uri",
			[]string{"https://registry/image", "registry.example.com"},
		},
		"long image":            {image(strings.Repeat("a", 1025)), "image.uri", []string{"1025", "1024"}},
		"image of another type": {images("TezTask"), "worker_type_specifications[TezTask]", []string{"TezTask", "EXECUTOR"}},
		"one type twice":        {images("Driver", "DRIVER"), "worker_type_specifications[Driver]", []string{"twice"}},
		"17 subnets":            {network(make([]string, 17), nil), "network.subnet_ids", []string{"17 names", "16"}},
		"6 groups":              {network(nil, make([]string, 6)), "network.security_group_ids", []string{"6", "5"}},
		"subnet":                {network([]string{"a", "_b"}, nil), "network.subnet_ids[1]", []string{"_b", "32"}},
		"long group": {
			network(nil, []string{strings.Repeat("g", 33)}),
			"network.security_group_ids[0]",
			[]string{"33", "32"},
		},
		"9 words": {encryption(words, new(theKey)), "disk_encryption.context", []string{"9 words", "8"}},
		"long word": {
			encryption(map[string]string{long(129): "v"}, nil),
			"disk_encryption.context[" + long(129) + "]",
			[]string{"129", "1 to 128"},
		},
		"empty value": {
			encryption(map[string]string{"k": ""}, nil),
			"disk_encryption.context[k]",
			[]string{"0", "1 to 384"},
		},
		"key": {encryption(nil, new("key")), "disk_encryption.key_arn", []string{`"key"`, "arn:aws:kms"}},
		"identity centre": {func(a *application) {
			a.SetIdentityCenter(specv1.IdentityCenter_builder{InstanceArn: new("x")}.Build())
		}, "identity_center.instance_arn", []string{"arn:aws:sso"}},
		"monitoring": {func(a *application) {
			a.SetMonitoring(specv1.Monitoring_builder{S3: specv1.S3Monitoring_builder{LogUri: new("ftp://x")}.Build()}.Build())
		}, "monitoring.s3.log_uri", []string{"ftp://x"}},
	} {
		t.Run(name, func(t *testing.T) { wantError(t, checked(sparkApplication(c.change)), "spec."+c.field, c.names...) })
	}
}

func TestValidateApplication_NamesWhatIsWrongWithItsInitialCapacity(t *testing.T) {
	const standard, shuffle = specv1.DiskType_DISK_TYPE_STANDARD, specv1.DiskType_DISK_TYPE_SHUFFLE_OPTIMIZED
	one := initial(1, 1000, 2, 20, standard)
	size := func(m *specv1.WorkerSize) *specv1.InitialCapacity {
		return specv1.InitialCapacity_builder{WorkerCount: new(int64(1)), WorkerSize: m}.Build()
	}
	for name, c := range map[string]struct {
		entries map[string]*specv1.InitialCapacity
		field   string
		names   []string
	}{
		"no type": {map[string]*specv1.InitialCapacity{"": one}, "[]", []string{"DRIVER and EXECUTOR"}},
		"type of Hive": {
			map[string]*specv1.InitialCapacity{"TEZ_TASK": one},
			"[TEZ_TASK]",
			[]string{"SPARK", "TEZ_TASK"},
		},
		"twice": {
			map[string]*specv1.InitialCapacity{"driver": one, "DRIVER": one},
			"[driver]",
			[]string{"DRIVER", "twice"},
		},
		"none": {
			map[string]*specv1.InitialCapacity{"DRIVER": initial(0, 1000, 2, 20, standard)},
			"[DRIVER].worker_count",
			[]string{"0", "1000000"},
		},
		"no number": {
			map[string]*specv1.InitialCapacity{"DRIVER": {}},
			"[DRIVER].worker_count",
			[]string{"1000000"},
		},
		"1000001": {
			map[string]*specv1.InitialCapacity{"DRIVER": initial(1_000_001, 1000, 2, 20, standard)},
			"[DRIVER].worker_count",
			[]string{"1000001"},
		},
		"3 vCPU": {
			map[string]*specv1.InitialCapacity{"DRIVER": initial(1, 3000, 4, 20, standard)},
			"[DRIVER].worker_size",
			[]string{"3", "8 with 16 to 60"},
		},
		"1.5 vCPU": {
			map[string]*specv1.InitialCapacity{"DRIVER": initial(1, 1500, 4, 20, standard)},
			"[DRIVER].worker_size",
			[]string{"1.5 vCPU"},
		},
		"no size": {
			map[string]*specv1.InitialCapacity{"DRIVER": size(nil)},
			"[DRIVER].worker_size",
			[]string{"1 vCPU with 2 to 8 GB"},
		},
		"an empty size": {
			map[string]*specv1.InitialCapacity{"DRIVER": size(&specv1.WorkerSize{})},
			"[DRIVER].worker_size.milli_cpu",
			[]string{"1 vCPU with 2 to 8 GB"},
		},
		"no memory": {
			map[string]*specv1.InitialCapacity{"DRIVER": size(specv1.WorkerSize_builder{MilliCpu: new(int64(1000))}.Build())},
			"[DRIVER].worker_size.memory_mib",
			[]string{"1 vCPU with 2 to 8 GB"},
		},
		"too little memory": {
			map[string]*specv1.InitialCapacity{"DRIVER": initial(1, 4000, 4, 20, standard)},
			"[DRIVER].worker_size",
			[]string{"4 vCPU with 4 GB", "has 8 GB"},
		},
		"between two steps": {
			map[string]*specv1.InitialCapacity{"DRIVER": initial(1, 16000, 36, 20, standard)},
			"[DRIVER].worker_size",
			[]string{"36 GB", "40 GB"},
		},
		"too much memory": {
			map[string]*specv1.InitialCapacity{"DRIVER": initial(1, 1000, 9, 20, standard)},
			"[DRIVER].worker_size",
			[]string{"8 GB", "9 GB"},
		},
		"201 GB of standard": {
			map[string]*specv1.InitialCapacity{"DRIVER": initial(1, 1000, 2, 201, standard)},
			"[DRIVER].worker_size",
			[]string{"200 GB", "201 GB"},
		},
		"19 GB": {
			map[string]*specv1.InitialCapacity{"DRIVER": initial(1, 1000, 2, 19, shuffle)},
			"[DRIVER].worker_size",
			[]string{"19 GB"},
		},
		"2.1 TB": {
			map[string]*specv1.InitialCapacity{"DRIVER": initial(1, 1000, 2, 2150, shuffle)},
			"[DRIVER].worker_size",
			[]string{"2048 GB"},
		},
		"disk type": {
			map[string]*specv1.InitialCapacity{"DRIVER": initial(1, 1000, 2, 20, 9)},
			"[DRIVER].worker_size.disk_type",
			[]string{"9", "STANDARD, SHUFFLE_OPTIMIZED"},
		},
	} {
		a := sparkApplication(func(a *specv1.Application) { a.SetInitialCapacity(c.entries) })
		t.Run(name, func(t *testing.T) { wantError(t, checked(a), "spec.initial_capacity"+c.field, c.names...) })
	}
}

// Of many mistakes the same one is told every time, though maps have no order.
func TestValidateApplication_TellsTheSameMistakeEveryTime(t *testing.T) {
	bad := sparkApplication(func(a *specv1.Application) {
		a.SetInitialCapacity(map[string]*specv1.InitialCapacity{})
		for _, key := range []string{"f", "e", "d", "c", "b", "g"} {
			a.GetInitialCapacity()[key] = initial(-1, 1000, 2, 20, 9)
		}
		a.SetWeight(0)
	})
	texts := sparkApplication(func(a *specv1.Application) {
		properties := map[string]string{}
		for i := range 50 {
			properties[fmt.Sprintf("k%02d\x1b", 50-i)] = "v"
		}
		a.SetRuntimeConfiguration(
			[]*specv1.Configuration{specv1.Configuration_builder{Classification: new("c"), Properties: properties}.Build()},
		)
	})
	keys := sparkApplication(func(a *specv1.Application) {
		a.SetDiskEncryption(
			specv1.DiskEncryption_builder{
				Context: map[string]string{"c": "", "b": "", "a": strings.Repeat("v", 400), "d": ""},
			}.Build(),
		)
	})
	for range 20 {
		wantError(t, checked(bad), "spec.initial_capacity[b].worker_count", "-1")
		wantError(
			t,
			checked(texts),
			"spec.runtime_configuration[0].properties[k01^[]",
			`"k01\x1b"`,
			"character 4 is the control character ^[",
		)
		wantError(t, checked(keys), "spec.disk_encryption.context[a]", "400", "384")
	}
}

// Millions of mistakes in one request cost no more than the first.
func TestValidateApplication_StopsAtTheFirstMistake(t *testing.T) {
	wide := specv1.Configuration_builder{Configurations: make([]*specv1.Configuration, 1_000_000)}.Build()
	for i := range wide.GetConfigurations() {
		wide.GetConfigurations()[i] = &specv1.Configuration{}
	}
	a := sparkApplication(func(a *specv1.Application) { a.SetRuntimeConfiguration([]*specv1.Configuration{wide}) })
	wantError(t, ValidateApplication(a), "spec.runtime_configuration[0].classification", "spark-defaults")
	if n := testing.AllocsPerRun(1, func() { _ = ValidateApplication(a) }); n > 1000 {
		t.Errorf("it takes %v allocations", n)
	}
	deep := sparkApplication(func(a *specv1.Application) { a.SetRuntimeConfiguration(nested(9000)) })
	wantError(t, checked(deep), "spec.runtime_configuration", "10 deep")
}

func TestValidateApplication_RefusesWhatItDoesNotKnow(t *testing.T) {
	a := sparkApplication(func(a *specv1.Application) {
		a.SetNetwork(specv1.Network_builder{SubnetIds: []string{"s"}}.Build())
		a.GetNetwork().ProtoReflect().SetUnknown([]byte{0xf8, 0x01, 0x01})
	})
	wantError(t, checked(a), "spec.network", "does not know")
}

func TestDefaultApplication_WritesOutWhatWasNotSaid(t *testing.T) {
	said := specv1.Application_builder{Engine: specv1.Engine_ENGINE_PROCESS.Enum(), Name: new("x")}.Build()
	before := proto.CloneOf(said)
	got := DefaultApplication(said)
	wantSame(t, "defaults", got, specv1.Application_builder{
		Name: new("x"), Engine: specv1.Engine_ENGINE_PROCESS.Enum(), ReleaseLabel: new("process"), Weight: new(int64(1)),
		Priority:     new(uint32(50)),
		Architecture: specv1.Architecture_ARCHITECTURE_X86_64.Enum(),
		AutoStart:    specv1.AutoStart_builder{Enabled: new(true)}.Build(),
		AutoStop:     specv1.AutoStop_builder{Enabled: new(true), IdleTimeoutMinutes: new(int64(15))}.Build(),
	}.Build())
	wantSame(t, "what was said", said, before)
	wantSame(t, "defaults of defaults", DefaultApplication(got), got)
	must(t, ValidateApplication(got))
	if DefaultApplication(nil).GetWeight() != 1 {
		t.Error("nothing has no defaults")
	}
}

func TestDefaultApplication_FillsWhatIsThereInPart(t *testing.T) {
	got := DefaultApplication(sparkApplication(func(a *specv1.Application) {
		a.SetAutoStart(&specv1.AutoStart{})
		a.SetAutoStop(specv1.AutoStop_builder{Enabled: new(false)}.Build())
		a.SetScheduler(specv1.Scheduler_builder{MaxConcurrentRuns: new(uint32(3))}.Build())
		size := specv1.WorkerSize_builder{
			MilliCpu:  new(int64(1000)),
			MemoryMib: new(int64(2048)),
			DiskType:  specv1.DiskType_DISK_TYPE_UNSPECIFIED.Enum(),
		}.Build()
		drivers := specv1.InitialCapacity_builder{WorkerCount: new(int64(2)), WorkerSize: size}.Build()
		a.SetInitialCapacity(map[string]*specv1.InitialCapacity{"Driver": drivers})
		a.SetMaximumCapacity(specv1.MaximumCapacity_builder{MilliCpu: new(int64(4000)), DiskMib: new(int64(0))}.Build())
		a.SetArchitecture(0)
	}))
	want := DefaultApplication(sparkApplication(func(a *specv1.Application) {
		a.SetAutoStop(specv1.AutoStop_builder{Enabled: new(false), IdleTimeoutMinutes: new(int64(15))}.Build())
		a.SetScheduler(
			specv1.Scheduler_builder{MaxConcurrentRuns: new(uint32(3)), QueueTimeoutMinutes: new(int64(360))}.Build(),
		)
		a.SetInitialCapacity(
			map[string]*specv1.InitialCapacity{"Driver": initial(2, 1000, 2, 20, specv1.DiskType_DISK_TYPE_STANDARD)},
		)
		a.SetMaximumCapacity(specv1.MaximumCapacity_builder{MilliCpu: new(int64(4000))}.Build())
	}))
	wantSame(t, "filled", got, want)
	must(t, ValidateApplication(got))
	got = DefaultApplication(sparkApplication(func(a *specv1.Application) { a.SetScheduler(&specv1.Scheduler{}) }))
	wantSame(
		t,
		"scheduler",
		got.GetScheduler(),
		specv1.Scheduler_builder{MaxConcurrentRuns: new(uint32(15)), QueueTimeoutMinutes: new(int64(360))}.Build(),
	)
}

// What says nothing is not there afterwards: an application inherits from nobody.
func TestDefaultApplication_DropsWhatSaysNothing(t *testing.T) {
	got := DefaultApplication(sparkApplication(func(a *specv1.Application) {
		a.SetMaximumCapacity(&specv1.MaximumCapacity{})
		a.SetMonitoring(specv1.Monitoring_builder{
			S3:                 &specv1.S3Monitoring{},
			ManagedPersistence: specv1.ManagedPersistence_builder{Enabled: new(true)}.Build(),
			LogService:         specv1.LogService_builder{Enabled: new(false), LogGroupName: new("g")}.Build(),
			Prometheus:         &specv1.PrometheusMonitoring{},
		}.Build())
		a.SetNetwork(&specv1.Network{})
		a.SetImage(specv1.Image_builder{ApplicationLevelDigestResolution: new(true)}.Build())
		a.SetWorkerTypeSpecifications(
			map[string]*specv1.WorkerTypeSpecification{
				"Driver": specv1.WorkerTypeSpecification_builder{Image: &specv1.Image{}}.Build(),
			},
		)
		a.SetDiskEncryption(&specv1.DiskEncryption{})
		a.SetInteractive(&specv1.Interactive{})
		a.SetIdentityCenter(&specv1.IdentityCenter{})
		a.SetJobLevelCostAllocation(&specv1.JobLevelCostAllocation{})
	}))
	wantSame(t, "what is left", got, DefaultApplication(sparkApplication(nil)))
}

// What says something stays, as it was written.
func TestDefaultApplication_KeepsTheUsersWords(t *testing.T) {
	said := DefaultApplication(sparkApplication(func(a *specv1.Application) {
		a.SetInitialCapacity(
			map[string]*specv1.InitialCapacity{"Driver": initial(1, 1000, 2, 20, specv1.DiskType_DISK_TYPE_STANDARD)},
		)
		a.SetMonitoring(everywhere())
		a.SetInteractive(specv1.Interactive_builder{StudioEnabled: new(true), LivyEndpointEnabled: new(false)}.Build())
		a.SetImage(
			specv1.Image_builder{
				Uri:                              new("registry.example:5000/spark/mine:7"),
				ApplicationLevelDigestResolution: new(true),
			}.Build(),
		)
		a.SetWorkerTypeSpecifications(
			map[string]*specv1.WorkerTypeSpecification{"Driver": specv1.WorkerTypeSpecification_builder{
				Image: specv1.Image_builder{
					Uri: new("000000000000.dkr.ecr.us-east-1.amazonaws.com/drivers@sha256:" + strings.Repeat("a", 64)),
				}.Build(),
			}.Build()},
		)
		a.SetNetwork(
			specv1.Network_builder{SubnetIds: []string{"subnet-2", "subnet-1"}, SecurityGroupIds: []string{"sg-1"}}.Build(),
		)
		a.SetDiskEncryption(
			specv1.DiskEncryption_builder{Context: map[string]string{"team": "a"}, KeyArn: new(theKey)}.Build(),
		)
		a.SetIdentityCenter(
			specv1.IdentityCenter_builder{InstanceArn: new("arn:aws:sso:::instance/ssoins-1234567890abcdef")}.Build(),
		)
		a.SetJobLevelCostAllocation(specv1.JobLevelCostAllocation_builder{Enabled: new(false)}.Build())
		a.SetRuntimeConfiguration(nested(10))
	}))
	must(t, ValidateApplication(said))
	if len(said.GetInitialCapacity()) != 1 || said.GetInitialCapacity()["Driver"] == nil ||
		!said.HasImage() || !said.HasNetwork() || !said.HasInteractive() ||
		!said.HasJobLevelCostAllocation() || !said.HasDiskEncryption() ||
		!said.HasIdentityCenter() ||
		said.GetWorkerTypeSpecifications()["Driver"] == nil {
		t.Errorf("said was %v", said)
	}
	wantSame(t, "monitoring", said.GetMonitoring(), everywhere())
}

func TestWorkerTypeOf_TakesEveryWriting(t *testing.T) {
	for _, c := range []struct {
		engine specv1.Engine
		types  map[string]string
	}{
		{specv1.Engine_ENGINE_SPARK, map[string]string{"driver": "DRIVER", "Executor": "EXECUTOR", "EXECUTOR": "EXECUTOR"}},
		{specv1.Engine_ENGINE_HIVE, map[string]string{
			"DRIVER": "HIVE_DRIVER", "HiveDriver": "HIVE_DRIVER", "hive_driver": "HIVE_DRIVER",
			"TEZ_TASK": "TEZ_TASK", "TezTask": "TEZ_TASK", "EXECUTOR": "TEZ_TASK", " tez-task ": "TEZ_TASK",
		}},
		{specv1.Engine_ENGINE_PROCESS, map[string]string{"Driver": "DRIVER", "task": "TASK"}},
	} {
		for written, want := range c.types {
			if got, err := WorkerTypeOf(c.engine, written); err != nil || typeName(got) != want {
				t.Errorf("%s of %s: %v, %v", written, c.engine, got, err)
			}
		}
	}
	if _, err := WorkerTypeOf(specv1.Engine_ENGINE_SPARK, "TezTask"); err == nil ||
		!strings.Contains(err.Error(), "SPARK has workers of the types DRIVER and EXECUTOR") {
		t.Errorf("got %v", err)
	}
}
