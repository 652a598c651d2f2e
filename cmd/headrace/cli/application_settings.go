package cli

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/cmd/headrace/manifest"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec/codec"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// settings are the flags that create, clone and update of an application have.
type settings struct {
	release      string
	architecture string
	token        string
	autoStart    bool
	idleMinutes  int64
	weight       int64
	initial      []string
	maximum      string
	cpu          config.CPU
	memory       config.MiB
	disk         config.MiB
	runs         uint32
	queueMinutes int64
	runtime      string
	monitoring   string
	tags         []string
}

func (a *settings) bind(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&a.release, "release", "", "label of the release, such as emr-7.2.0; --release-label is the same")
	flags.StringVar(&a.token, "client-token", "", "with the same token it is done once")
	flags.StringVar(&a.architecture, "architecture", "", "X86_64 or ARM64")
	flags.BoolVar(&a.autoStart, "auto-start", true, "a submission starts it")
	flags.Int64Var(&a.idleMinutes, "idle-timeout-minutes", 15, "minutes without work after which it stops; 0: never; --idle-timeout is the same")
	flags.Int64Var(&a.weight, "weight", 1, "weight of its share of the cluster")
	flags.StringArrayVar(&a.initial, "initial-capacity", nil, "workers held ready while it is started: TYPE=COUNT:CPU,MEMORY[,DISK[,DISKTYPE]],\n"+
		"may be repeated, or the API's JSON, or file://PATH")
	flags.StringVar(&a.maximum, "maximum-capacity", "", "the most that its workers hold together: CPU,MEMORY[,DISK] or the API's JSON, or file://PATH")
	flags.Var(&a.cpu, "max-cpu", "the most vCPU that its workers hold together")
	flags.Var(&a.memory, "max-memory", "the most memory, such as 3TB")
	flags.Var(&a.disk, "max-disk", "the most disk, such as 20TB")
	flags.Uint32Var(&a.runs, "max-concurrent-runs", 0, "runs at once, 1 to 1000; others wait in QUEUED; 0: no limit")
	flags.Int64Var(&a.queueMinutes, "queue-timeout-minutes", 360, "minutes that a run may be QUEUED, 15 to 720; with --max-concurrent-runs")
	flags.StringVar(&a.runtime, "runtime-configuration", "", "settings of its runs: the API's JSON list of classifications, or file://PATH")
	flags.StringVar(&a.monitoring, "monitoring", "", "where logs and metrics go: the API's JSON monitoringConfiguration, or file://PATH")
	flags.StringArrayVar(&a.tags, "tag", nil, "KEY=VALUE; may be repeated")
	flags.SetNormalizeFunc(sameFlag)
	complete(c, "architecture", "X86_64", "ARM64")
	s := []cobra.Completion{"DRIVER=1:4vCPU,16GB,20GB", "EXECUTOR=2:4vCPU,16GB,20GB", "TEZ_TASK=2:4vCPU,16GB,20GB", "TASK=2:1vCPU,2GB,20GB"}
	complete(c, "initial-capacity", s...)
}

// sameFlag gives a flag one name: the API's own names are taken too.
func sameFlag(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	switch name {
	case "release-label":
		name = "release"
	case "idle-timeout":
		name = "idle-timeout-minutes"
	case "monitoring-configuration":
		name = "monitoring"
	}
	return pflag.NormalizedName(name)
}

// wished is what flags say about an application.
type wished struct {
	spec *specv1.Application
	mask []string // the fields that flags name; one that is not in spec is to be removed
}

// name adds fields to those that flags name.
func (w *wished) name(fields ...string) { w.mask = append(w.mask, fields...) }

// over gives an application what flags say.
func (w *wished) over(to *specv1.Application) {
	from, into := w.spec.ProtoReflect(), to.ProtoReflect()
	for _, name := range w.mask {
		field := into.Descriptor().Fields().ByName(protoreflect.Name(name))
		if from.Has(field) {
			into.Set(field, from.Get(field))
		} else {
			into.Clear(field)
		}
	}
}

// wish returns what the given flags say.
func (a *settings) wish(c *cobra.Command) (*wished, error) {
	w, given := &wished{spec: &specv1.Application{}}, c.Flags().Changed
	for _, wish := range []func(func(string) bool, *wished) error{
		a.wishPlace, a.wishTimes, a.wishScheduler, a.wishMaximum, a.wishCapacity, a.wishDocuments,
	} {
		if err := wish(given, w); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// wishPlace says what its workers run on.
func (a *settings) wishPlace(given func(string) bool, w *wished) error {
	if given("release") {
		w.name("release_label")
		if a.release != "" {
			w.spec.SetReleaseLabel(a.release)
		}
	}
	if given("architecture") {
		number, err := codec.EnumNumber(specv1.Architecture(0).Descriptor(), a.architecture)
		if err != nil {
			return errs.Field("architecture", "%w", err)
		}
		w.name("architecture")
		w.spec.SetArchitecture(specv1.Architecture(number))
	}
	return nil
}

// wishTimes says when it starts and stops. No minutes without work: it never stops.
func (a *settings) wishTimes(given func(string) bool, w *wished) error {
	if given("auto-start") {
		w.name("auto_start")
		w.spec.SetAutoStart(specv1.AutoStart_builder{Enabled: &a.autoStart}.Build())
	}
	if given("idle-timeout-minutes") {
		w.name("auto_stop")
		w.spec.SetAutoStop(specv1.AutoStop_builder{Enabled: new(a.idleMinutes != 0)}.Build())
		if a.idleMinutes != 0 {
			w.spec.GetAutoStop().SetIdleTimeoutMinutes(a.idleMinutes)
		}
	}
	if given("weight") {
		w.name("weight")
		w.spec.SetWeight(a.weight)
	}
	return nil
}

// wishScheduler says what may run at once. No runs: no limit.
func (a *settings) wishScheduler(given func(string) bool, w *wished) error {
	if given("queue-timeout-minutes") && a.runs == 0 {
		return errs.Field("queue-timeout-minutes", "cannot be given without --max-concurrent-runs: only then runs are QUEUED")
	}
	if !given("max-concurrent-runs") {
		return nil
	}
	w.name("scheduler")
	if a.runs != 0 {
		w.spec.SetScheduler(specv1.Scheduler_builder{MaxConcurrentRuns: &a.runs}.Build())
	}
	if given("queue-timeout-minutes") {
		w.spec.GetScheduler().SetQueueTimeoutMinutes(a.queueMinutes)
	}
	return nil
}

func (a *settings) wishMaximum(given func(string) bool, w *wished) error {
	parts := size{a.cpu, a.memory, a.disk}
	switch {
	case given("maximum-capacity") && parts != size{}:
		const text = "cannot be given with --max-cpu, --max-memory or --max-disk: give one or the others"
		return errs.Field("maximum-capacity", text)
	case given("maximum-capacity"):
		text, err := textOf("maximum-capacity", a.maximum)
		if err != nil {
			return err
		}
		most, err := manifest.MaximumCapacity("maximum-capacity", text)
		if err != nil {
			return err
		}
		w.name("maximum_capacity")
		w.spec.SetMaximumCapacity(most)
	case parts != size{}:
		w.name("maximum_capacity")
		w.spec.SetMaximumCapacity(parts.limit())
	}
	return nil
}

func (a *settings) wishCapacity(given func(string) bool, w *wished) error {
	if !given("initial-capacity") {
		return nil
	}
	texts, err := textsOf("initial-capacity", a.initial)
	if err != nil {
		return err
	}
	entries, err := manifest.InitialCapacityOption("initial-capacity", texts)
	w.name("initial_capacity")
	w.spec.SetInitialCapacity(entries)
	return err
}

func (a *settings) wishDocuments(given func(string) bool, w *wished) error {
	if given("runtime-configuration") {
		list, err := configurationFlag("runtime-configuration", a.runtime)
		if err != nil {
			return err
		}
		w.name("runtime_configuration")
		w.spec.SetRuntimeConfiguration(list)
	}
	if given("monitoring") {
		m, err := monitoringFlag("monitoring", a.monitoring)
		if err != nil {
			return err
		}
		w.name("monitoring")
		w.spec.SetMonitoring(m)
	}
	return nil
}
