package spec

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// everything is an application of which all is said that an update may change.
func everything() *specv1.Application {
	return DefaultApplication(sparkApplication(func(a *specv1.Application) {
		a.SetTags(map[string]string{"Team": "Data"})
		a.SetMaximumCapacity(specv1.MaximumCapacity_builder{MilliCpu: new(int64(64_000))}.Build())
		a.SetScheduler(
			specv1.Scheduler_builder{MaxConcurrentRuns: new(uint32(1)), QueueTimeoutMinutes: new(int64(60))}.Build(),
		)
		a.SetMonitoring(everywhere())
		a.SetInitialCapacity(
			map[string]*specv1.InitialCapacity{"DRIVER": initial(1, 1000, 2, 20, specv1.DiskType_DISK_TYPE_STANDARD)},
		)
		a.SetRuntimeConfiguration(property("spark.executor.cores", "2"))
		a.SetAutoStop(specv1.AutoStop_builder{IdleTimeoutMinutes: new(int64(40))}.Build())
	}))
}

func TestReplace_TakesWhatTheMaskNames(t *testing.T) {
	old := everything()
	before := proto.CloneOf(old)
	other := specv1.Application_builder{
		Weight:       new(int64(7)),
		Architecture: specv1.Architecture_ARCHITECTURE_ARM64.Enum(),
	}.Build()
	got, err := Replace(
		old,
		other,
		[]string{
			"weight",
			"weight",
			"maximum_capacity",
			"monitoring",
			"scheduler",
			"initial_capacity",
			"runtime_configuration",
		},
	)
	must(t, err)
	want := proto.CloneOf(before)
	want.SetWeight(7)
	want.ClearMaximumCapacity()
	want.ClearMonitoring()
	want.ClearScheduler()
	want.SetInitialCapacity(nil)
	want.SetRuntimeConfiguration(nil)
	wantSame(t, "replaced", got, want)
	wantSame(t, "before", old, before)
	if differ := Diff(old, got); !slices.Equal(
		differ,
		[]string{"initial_capacity", "maximum_capacity", "runtime_configuration", "monitoring", "scheduler", "weight"},
	) {
		t.Errorf("they differ in %v", differ)
	}
	same, err := Replace(old, nil, nil)
	must(t, err)
	wantSame(t, "without a mask", same, before)
	if same == old || len(Diff(same, old)) > 0 {
		t.Errorf("it is the same message, or differs in %v", Diff(same, old))
	}
	reset, err := Replace(old, nil, []string{"weight", "auto_stop"})
	must(t, err)
	if reset.GetWeight() != 1 || reset.GetAutoStop().GetIdleTimeoutMinutes() != 15 {
		t.Errorf("what is removed has its default: %v", reset)
	}
}

func TestReplace_NamesWhatCannotBe(t *testing.T) {
	for name, told := range map[string]string{
		"name": "another application", "engine": "another application", "tags": "requests of their own",
		"auto_stop.enabled": "there are release_label, architecture", "autoStop": "auto_stop", "*": "weight", "": "weight",
	} {
		_, err := Replace(everything(), &specv1.Application{}, []string{"weight", name})
		wantError(t, err, "update_mask", told)
	}
}

// An idle timeout that is switched off comes back as it was.
func TestReplace_KeepsTheTimeoutThatItSwitchesOff(t *testing.T) {
	stop := func(enabled *bool, minutes *int64) *specv1.AutoStop {
		return specv1.AutoStop_builder{Enabled: enabled, IdleTimeoutMinutes: minutes}.Build()
	}
	a := DefaultApplication(sparkApplication(nil))
	for _, step := range []struct {
		said    *specv1.AutoStop
		enabled bool
		minutes int64
	}{
		{stop(nil, new(int64(40))), true, 40},
		{stop(new(false), nil), false, 40},
		{stop(new(false), new(int64(50))), false, 50},
		{stop(new(true), nil), true, 50},
		{stop(nil, nil), true, 50},
		{nil, true, 15},
	} {
		changed, err := Replace(a, specv1.Application_builder{AutoStop: step.said}.Build(), []string{"auto_stop"})
		must(t, err)
		wantSame(t, "auto stop", changed.GetAutoStop(), stop(&step.enabled, &step.minutes))
		a = changed
	}
}

func TestDiff_NamesWhatDiffers(t *testing.T) {
	a := everything()
	b := everything()
	if got := Diff(a, b); got != nil {
		t.Errorf("nothing differs, and it names %v", got)
	}
	b.ClearName()
	b.GetMonitoring().GetS3().SetLogUri("s3://other")
	b.SetTags(map[string]string{"Team": "Web"})
	b.SetNetwork(&specv1.Network{})
	if got := Diff(a, b); !slices.Equal(got, []string{"name", "monitoring", "network", "tags"}) {
		t.Errorf("they differ in %v", got)
	}
}
