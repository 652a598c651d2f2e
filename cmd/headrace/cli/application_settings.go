package cli

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/cmd/headrace/manifest"
	"github.com/headrace/headrace/internal/spec/codec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// settings are the flags that create, clone and update of an application have.
type settings struct {
	release      string
	architecture string
	token        string
	description  string
	autoStart    bool
	idleMinutes  int64
	weight       int64
	priority     uint32
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
	nodes        nodeFlags
}

func (a *settings) bind(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&a.release, "release", "", "label of the release, such as emr-7.2.0; --release-label is the same")
	flags.StringVar(&a.token, "client-token", "", "with the same token it is done once")
	flags.StringVar(&a.architecture, "architecture", "", "X86_64 or ARM64")
	flags.StringVar(&a.description, "description", "", "what it is for, in words for people")
	flags.BoolVar(&a.autoStart, "auto-start", true, "a submission starts it")
	flags.Int64Var(&a.idleMinutes, "idle-timeout-minutes", 15,
		"minutes without work after which it stops; 0: never; --idle-timeout is the same")
	flags.StringVar(&a.runtime, "runtime-configuration", "",
		"settings of its runs: the API's JSON list of classifications, or file://PATH")
	flags.StringVar(&a.monitoring, "monitoring", "",
		"where logs and metrics go: the API's JSON monitoringConfiguration, or file://PATH")
	flags.StringArrayVar(&a.tags, "tag", nil, "KEY=VALUE; may be repeated")
	flags.SetNormalizeFunc(sameFlag)
	complete(c, "architecture", "X86_64", "ARM64")
	a.bindCapacity(c)
	a.bindLimits(flags)
	a.nodes.bind(flags)
}

// bindCapacity adds the flag of the workers that are held ready.
func (a *settings) bindCapacity(c *cobra.Command) {
	c.Flags().StringArrayVar(&a.initial, "initial-capacity", nil,
		"workers held ready while it is started: TYPE=COUNT:CPU,MEMORY[,DISK[,DISKTYPE]],\n"+
			"may be repeated, or the API's JSON, or file://PATH")
	complete(
		c,
		"initial-capacity",
		"DRIVER=1:4vCPU,16GB,20GB",
		"EXECUTOR=2:4vCPU,16GB,20GB",
		"TEZ_TASK=2:4vCPU,16GB,20GB",
		"TASK=2:1vCPU,2GB,20GB",
	)
}

// bindLimits adds the flags of what its workers and runs may have together.
func (a *settings) bindLimits(flags *pflag.FlagSet) {
	flags.Int64Var(&a.weight, "weight", 1, "weight of its share of the cluster")
	flags.Uint32Var(&a.priority, "priority", 50, "whose work is served first: 0 to 100, more is first; its runs have it")
	flags.StringVar(&a.maximum, "maximum-capacity", "",
		"the most that its workers hold together: CPU,MEMORY[,DISK] or the API's JSON, or file://PATH")
	flags.Var(&a.cpu, "max-cpu", "the most vCPU that its workers hold together")
	flags.Var(&a.memory, "max-memory", "the most memory, such as 3TB")
	flags.Var(&a.disk, "max-disk", "the most disk, such as 20TB")
	flags.Uint32Var(&a.runs, "max-concurrent-runs", 0, "runs at once, 1 to 1000; others wait in QUEUED; 0: no limit")
	flags.Int64Var(&a.queueMinutes, "queue-timeout-minutes", 360,
		"minutes that a run may be QUEUED, 15 to 720; with --max-concurrent-runs")
}

// applicationFlags are the fields of an application that flags set.
var applicationFlags = slices.Concat(nodeFields, []fieldFlag{
	{"name", "spec.name"},
	{"engine", "spec.engine"},
	{"release", "spec.release_label"},
	{"client-token", "client_token"},
	{"architecture", "spec.architecture"},
	{"description", "spec.description"},
	{"auto-start", "spec.auto_start.enabled"},
	{"idle-timeout-minutes", "spec.auto_stop.enabled"},
	{"idle-timeout-minutes", "spec.auto_stop.idle_timeout_minutes"},
	{"weight", "spec.weight"},
	{"priority", "spec.priority"},
	{"initial-capacity", "spec.initial_capacity"},
	{"maximum-capacity", "spec.maximum_capacity"},
	{"max-cpu", "spec.maximum_capacity.milli_cpu"},
	{"max-memory", "spec.maximum_capacity.memory_mib"},
	{"max-disk", "spec.maximum_capacity.disk_mib"},
	{"max-concurrent-runs", "spec.scheduler.max_concurrent_runs"},
	{"queue-timeout-minutes", "spec.scheduler.queue_timeout_minutes"},
	{"runtime-configuration", "spec.runtime_configuration"},
	{"monitoring", "spec.monitoring"},
	{"tag", "spec.tags"},
	{"tag", "tags"}, // an update adds them by a request of their own
})

// applicationNames returns what the user of a command calls the fields of a request about an application.
func applicationNames(c *cobra.Command) fieldNames {
	return fieldNames{command: c, request: &controlv1.CreateApplicationRequest{}, flags: applicationFlags}
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

// edit is what flags say about an application.
type edit struct {
	spec *specv1.Application
	mask []string // the fields that flags name; one that is not in spec is to be removed
}

// name adds fields to those that flags name.
func (e *edit) name(fields ...string) { e.mask = append(e.mask, fields...) }

// over gives an application what flags say.
func (e *edit) over(to *specv1.Application) {
	from := e.spec.ProtoReflect()
	into := to.ProtoReflect()
	for _, name := range e.mask {
		field := into.Descriptor().Fields().ByName(protoreflect.Name(name))
		if from.Has(field) {
			into.Set(field, from.Get(field))
		} else {
			into.Clear(field)
		}
	}
}

// edit returns what the given flags say.
func (a *settings) edit(c *cobra.Command) (*edit, error) {
	e := &edit{spec: &specv1.Application{}}
	for _, say := range []func(*cobra.Command, *edit) error{
		a.editPlatform, a.editDescription, a.editTimes, a.editScheduler, a.editMaximum, a.editCapacity, a.editDocuments,
		a.nodes.edit,
	} {
		if err := say(c, e); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// editPlatform says what its workers run on.
func (a *settings) editPlatform(c *cobra.Command, e *edit) error {
	if given(c, "release") {
		e.name("release_label")
		if a.release != "" {
			e.spec.SetReleaseLabel(a.release)
		}
	}
	if given(c, "architecture") {
		number, err := codec.EnumNumber(specv1.Architecture(0).Descriptor(), a.architecture)
		if err != nil {
			return badFlag("architecture", "%w", err)
		}
		e.name("architecture")
		e.spec.SetArchitecture(specv1.Architecture(number))
	}
	return nil
}

// editDescription says what it is for.
func (a *settings) editDescription(c *cobra.Command, e *edit) error {
	if given(c, "description") {
		e.name("description")
		e.spec.SetDescription(a.description)
	}
	return nil
}

// editTimes says when it starts and stops. No minutes without work: it never stops.
func (a *settings) editTimes(c *cobra.Command, e *edit) error {
	if given(c, "auto-start") {
		e.name("auto_start")
		e.spec.SetAutoStart(specv1.AutoStart_builder{Enabled: &a.autoStart}.Build())
	}
	if given(c, "idle-timeout-minutes") {
		e.name("auto_stop")
		e.spec.SetAutoStop(specv1.AutoStop_builder{Enabled: new(a.idleMinutes != 0)}.Build())
		if a.idleMinutes != 0 {
			e.spec.GetAutoStop().SetIdleTimeoutMinutes(a.idleMinutes)
		}
	}
	if given(c, "weight") {
		e.name("weight")
		e.spec.SetWeight(a.weight)
	}
	if given(c, "priority") {
		e.name("priority")
		e.spec.SetPriority(a.priority)
	}
	return nil
}

// editScheduler says what may run at once. No runs: no limit.
func (a *settings) editScheduler(c *cobra.Command, e *edit) error {
	if given(c, "queue-timeout-minutes") && a.runs == 0 {
		return badFlag("queue-timeout-minutes",
			"cannot be given without --max-concurrent-runs: only then runs are QUEUED")
	}
	if !given(c, "max-concurrent-runs") {
		return nil
	}
	e.name("scheduler")
	if a.runs != 0 {
		e.spec.SetScheduler(specv1.Scheduler_builder{MaxConcurrentRuns: &a.runs}.Build())
	}
	if given(c, "queue-timeout-minutes") {
		e.spec.GetScheduler().SetQueueTimeoutMinutes(a.queueMinutes)
	}
	return nil
}

func (a *settings) editMaximum(c *cobra.Command, e *edit) error {
	parts := size{a.cpu, a.memory, a.disk}
	switch {
	case given(c, "maximum-capacity") && parts != size{}:
		const text = "cannot be given with --max-cpu, --max-memory or --max-disk: give one or the others"
		return badFlag("maximum-capacity", text)
	case given(c, "maximum-capacity"):
		text, err := textOf(c.Context(), "maximum-capacity", a.maximum)
		if err != nil {
			return err
		}
		limit, err := manifest.MaximumCapacity("maximum-capacity", text)
		if err != nil {
			return err
		}
		e.name("maximum_capacity")
		e.spec.SetMaximumCapacity(limit)
	case parts != size{}:
		e.name("maximum_capacity")
		e.spec.SetMaximumCapacity(parts.limit())
	}
	return nil
}

func (a *settings) editCapacity(c *cobra.Command, e *edit) error {
	if !given(c, "initial-capacity") {
		return nil
	}
	texts, err := textsOf(c.Context(), "initial-capacity", a.initial)
	if err != nil {
		return err
	}
	entries, err := manifest.InitialCapacityOption("initial-capacity", texts)
	e.name("initial_capacity")
	e.spec.SetInitialCapacity(entries)
	return err
}

func (a *settings) editDocuments(c *cobra.Command, e *edit) error {
	if given(c, "runtime-configuration") {
		list, err := configurationFlag(c.Context(), "runtime-configuration", a.runtime)
		if err != nil {
			return err
		}
		e.name("runtime_configuration")
		e.spec.SetRuntimeConfiguration(list)
	}
	if given(c, "monitoring") {
		m, err := monitoringFlag(c.Context(), "monitoring", a.monitoring)
		if err != nil {
			return err
		}
		e.name("monitoring")
		e.spec.SetMonitoring(m)
	}
	return nil
}
