package cli

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/cmd/headrace/manifest"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
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

// wish returns what the given flags say; what no flag said is absent.
func (a *settings) wish(c *cobra.Command) (*controlv1.UpdateApplicationRequest, error) {
	given := c.Flags().Changed
	r := &controlv1.UpdateApplicationRequest{ClientToken: a.token}
	if given("release") {
		r.ReleaseLabel = &a.release
	}
	if given("architecture") {
		r.Architecture = &a.architecture
	}
	if given("auto-start") {
		r.AutoStart = &a.autoStart
	}
	if given("idle-timeout-minutes") {
		r.IdleTimeoutMinutes = &a.idleMinutes
	}
	if given("weight") {
		r.Weight = &a.weight
	}
	if err := a.wishScheduler(given, r); err != nil {
		return nil, err
	}
	if err := a.wishCapacity(given, r); err != nil {
		return nil, err
	}
	return r, a.wishDocuments(given, r)
}

func (a *settings) wishScheduler(given func(string) bool, r *controlv1.UpdateApplicationRequest) error {
	if given("queue-timeout-minutes") && !given("max-concurrent-runs") {
		return errs.Field("queue-timeout-minutes", "cannot be given without --max-concurrent-runs: only then runs are QUEUED")
	}
	if given("max-concurrent-runs") {
		r.Scheduler = &controlv1.SchedulerConfiguration{MaxConcurrentRuns: a.runs}
	}
	if given("queue-timeout-minutes") {
		r.Scheduler.QueueTimeoutMinutes = &a.queueMinutes
	}
	return nil
}

func (a *settings) wishCapacity(given func(string) bool, r *controlv1.UpdateApplicationRequest) error {
	parts := size{a.cpu, a.memory, a.disk}.resources()
	if given("maximum-capacity") && parts != nil {
		return errs.Field("maximum-capacity", "cannot be given with --max-cpu, --max-memory or --max-disk: give one or the others")
	}
	r.MaximumCapacity = parts
	if given("maximum-capacity") {
		text, err := textOf("maximum-capacity", a.maximum)
		if err != nil {
			return err
		}
		if r.MaximumCapacity, err = manifest.MaximumCapacity("maximum-capacity", text); err != nil {
			return err
		}
	}
	if !given("initial-capacity") {
		return nil
	}
	texts, err := textsOf("initial-capacity", a.initial)
	if err != nil {
		return err
	}
	entries, err := manifest.InitialCapacityOption("initial-capacity", texts)
	r.InitialCapacity = &controlv1.InitialCapacityList{Entries: entries}
	return err
}

func (a *settings) wishDocuments(given func(string) bool, r *controlv1.UpdateApplicationRequest) error {
	if given("runtime-configuration") {
		list, err := configurationFlag("runtime-configuration", a.runtime)
		if err != nil {
			return err
		}
		r.RuntimeConfiguration = &controlv1.ConfigurationList{Configurations: list}
	}
	if given("monitoring") {
		m, err := monitoringFlag("monitoring", a.monitoring)
		if err != nil {
			return err
		}
		r.Monitoring = m
	}
	return nil
}
