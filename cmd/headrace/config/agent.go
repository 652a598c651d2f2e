package config

import (
	"time"

	"github.com/spf13/pflag"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/storage"
)

// Agent is how an agent is to run. Begin with DefaultAgent.
type Agent struct {
	// DataDir holds the node's id and the workers' directories, on the disk that workers may fill.
	DataDir string `yaml:"data_dir"`
	// NodeName is the name that people know the node by; by default the one that its certificate is for, and without TLS the host's.
	NodeName string `yaml:"node_name"`
	// Zone is the node's failure domain.
	Zone string `yaml:"zone"`
	// Host is the address at which workers on other nodes reach this node's workers.
	Host string `yaml:"host"`
	// Servers are gRPC addresses of at least one server; the agent learns the others.
	Servers []string `yaml:"servers"`
	// ReleaseDirs are directories of releases; the first is the node's own cache. Empty: releases below DataDir.
	ReleaseDirs []string `yaml:"release_dirs,omitempty"`
	// Capacity is what the node offers; what is not said is what the machine has.
	Capacity Capacity `yaml:"capacity,omitempty"`
	// ShuffleDir is a directory on a fast disk, where workers of the disk type SHUFFLE_OPTIMIZED live; empty: the node offers none.
	ShuffleDir string `yaml:"shuffle_dir,omitempty"`
	// TLS secures the connections to servers.
	TLS TLS `yaml:"tls,omitempty"`
	// Insecure allows plain connections beyond this machine.
	Insecure bool `yaml:"insecure,omitempty"`
	// Isolation is sandbox, which keeps workers from each other, from the agent and from the node, or none. A sandbox needs an agent that is
	// root, and crun.
	Isolation string `yaml:"isolation"`
	// WorkerUIDs are the users that workers run as, each as one of its own: FIRST-LAST. Empty: a free range of 65,536.
	WorkerUIDs string `yaml:"worker_uids,omitempty"`
	// WorkerUser is the name of the one user that all workers share, instead of WorkerUIDs. Without isolation, an agent that is root needs it.
	WorkerUser string `yaml:"worker_user,omitempty"`
	// WorkerGroup is the name of the group of all workers, by which they share files of SharedDirectories. Empty: each has its own.
	WorkerGroup string `yaml:"worker_group,omitempty"`
	// WorkerProcesses bounds the processes and threads of a worker, WorkerOpenFiles the files that one of its processes has open.
	WorkerProcesses int64 `yaml:"worker_processes"`
	WorkerOpenFiles int64 `yaml:"worker_open_files"`
	// SharedDirectories are what all workers see of this machine besides its system, and change as far as their user may. Log URIs of
	// users, file://, reach these only.
	SharedDirectories []string `yaml:"shared_directories,omitempty"`
	// HiddenDirectories are what no worker sees, besides homes of people, what is below /run, and what belongs to Headrace.
	HiddenDirectories []string `yaml:"hidden_directories,omitempty"`
	// Cgroup is the group below which each worker gets its own, with limits; empty: no limits.
	Cgroup string `yaml:"cgroup"`
	// Python is the interpreter for PySpark where a run names none.
	Python string `yaml:"python,omitempty"`
	// Region is what workers find in AWS_REGION unless their run says another one; that of the cluster's ARNs.
	Region string `yaml:"region"`
	// ObjectStore is how s3:// is reached, for this agent and the workers that it starts.
	ObjectStore storage.Config `yaml:"object_store,omitempty"`
	// WarmWorkers starts and rehearses a process in every pre-initialised slot of an engine that can.
	WarmWorkers bool `yaml:"warm_workers"`
	// ClassData writes an archive of class data for every release, in the background, so that its workers start faster.
	ClassData bool `yaml:"class_data"`
	// RefusedMeansLeaderless counts a refused connection as the answer of a server that knows no leader.
	RefusedMeansLeaderless bool `yaml:"refused_means_leaderless"`
	// StopWorkersOnExit stops all workers with the agent, instead of leaving them to its next start.
	StopWorkersOnExit bool `yaml:"stop_workers_on_exit,omitempty"`
	// LeaveLease is the lease that a stopping agent asks for, so that its workers outlive a planned restart.
	LeaveLease time.Duration `yaml:"leave_lease"`
	// DiskFullPercent of use of DataDir's disk is where the node refuses to start workers.
	DiskFullPercent int64 `yaml:"disk_full_percent"`
	// LogLevel is debug, info, warn or error.
	LogLevel string `yaml:"log_level"`
}

// The ways of isolation.
const (
	IsolationSandbox = "sandbox"
	IsolationNone    = "none"
)

// Capacity is what a node offers; 0: what the machine has.
type Capacity struct {
	CPU    CPU `yaml:"cpu,omitempty"`
	Memory MiB `yaml:"memory,omitempty"`
	Disk   MiB `yaml:"disk,omitempty"`
}

// DefaultAgent returns the defaults, which lack Zone.
func DefaultAgent() Agent {
	return Agent{DataDir: "/var/lib/headrace/agent", Host: "127.0.0.1", Servers: []string{"127.0.0.1:7401"}, Cgroup: "headrace", Isolation: IsolationSandbox,
		WorkerProcesses: 8192, WorkerOpenFiles: 65536, Region: "us-east-1", WarmWorkers: true, ClassData: true, RefusedMeansLeaderless: true, LeaveLease: time.Minute, DiskFullPercent: 95, LogLevel: "info"}
}

// Bind adds the flags.
func (a *Agent) Bind(flags *pflag.FlagSet) {
	flags.StringVar(&a.DataDir, "data-dir", a.DataDir, "directory of the node's id and the workers' directories")
	flags.StringVar(&a.NodeName, "node-name", a.NodeName, "the name that people know the node by; by default its certificate's, or the host's")
	flags.StringVar(&a.Zone, "zone", a.Zone, "the node's failure domain")
	flags.StringVar(&a.Host, "host", a.Host, "address at which workers on other nodes reach this node's workers")
	flags.StringSliceVar(&a.Servers, "servers", a.Servers, "gRPC addresses of servers; one that answers is enough")
	flags.StringSliceVar(&a.ReleaseDirs, "release-dirs", a.ReleaseDirs, "directories of releases; the first is the node's own cache")
	flags.Var(&a.Capacity.CPU, "capacity-cpu", "vCPU that the node offers, such as 8; by default what the machine has")
	flags.Var(&a.Capacity.Memory, "capacity-memory", "memory that the node offers, such as 32GB; by default what the machine has")
	flags.Var(&a.Capacity.Disk, "capacity-disk", "disk that the node offers, such as 200GB; by default what is free")
	flags.StringVar(&a.ShuffleDir, "shuffle-dir", a.ShuffleDir, "directory on a fast disk, for workers of the disk type SHUFFLE_OPTIMIZED")
	flags.BoolVar(&a.Insecure, "insecure", a.Insecure, "allow plain connections beyond this machine")
	flags.StringVar(&a.Isolation, "isolation", a.Isolation, "sandbox, which keeps workers from each other and from this machine, or none")
	flags.StringVar(&a.WorkerUIDs, "worker-uids", a.WorkerUIDs, "users that workers run as, each as its own: FIRST-LAST; by default a free range of 65,536")
	flags.StringVar(&a.WorkerUser, "worker-user", a.WorkerUser, "one user that all workers share, instead of --worker-uids")
	flags.StringVar(&a.WorkerGroup, "worker-group", a.WorkerGroup, "group of all workers, by which they share files")
	flags.Int64Var(&a.WorkerProcesses, "worker-processes", a.WorkerProcesses, "processes and threads that an isolated worker may have")
	flags.Int64Var(&a.WorkerOpenFiles, "worker-open-files", a.WorkerOpenFiles, "files that a process of an isolated worker may have open")
	flags.StringSliceVar(&a.SharedDirectories, "shared-directories", a.SharedDirectories, "directories that all workers see; log URIs of users, file://, reach these only")
	flags.StringSliceVar(&a.HiddenDirectories, "hidden-directories", a.HiddenDirectories, "directories that no worker sees, besides the usual ones")
	flags.StringVar(&a.Cgroup, "cgroup", a.Cgroup, "control group below which each worker gets its own; empty: no limits")
	flags.StringVar(&a.Python, "python", a.Python, "interpreter for PySpark where a run names none")
	flags.StringVar(&a.Region, "region", a.Region, "what workers find in AWS_REGION unless their run says another one")
	flags.BoolVar(&a.WarmWorkers, "warm-workers", a.WarmWorkers, "start and rehearse a process in every pre-initialised slot")
	flags.BoolVar(&a.ClassData, "class-data", a.ClassData, "write archives of class data in the background, so that workers start faster")
	flags.BoolVar(&a.RefusedMeansLeaderless, "refused-means-leaderless", a.RefusedMeansLeaderless,
		"a refused connection counts as the answer of a server that knows no leader")
	flags.BoolVar(&a.StopWorkersOnExit, "stop-workers-on-exit", a.StopWorkersOnExit, "stop all workers with the agent")
	flags.DurationVar(&a.LeaveLease, "leave-lease", a.LeaveLease, "lease that a stopping agent asks for, so that workers outlive its restart")
	flags.Int64Var(&a.DiskFullPercent, "disk-full-percent", a.DiskFullPercent, "use of the disk at which no worker is started any more")
	flags.StringVar(&a.LogLevel, "log-level", a.LogLevel, "debug, info, warn or error")
	a.TLS.Bind(flags)
	bindObjectStore(&a.ObjectStore, flags)
}

// Validate names the first setting that is wrong.
func (a *Agent) Validate() error {
	switch {
	case a.DataDir == "":
		return errs.Field("data_dir", "cannot run an agent without a data directory")
	case a.Zone == "":
		return errs.Field("zone", "cannot run an agent without a zone; any name serves in a cluster with one")
	case a.Host == "":
		return errs.Field("host", "cannot run an agent without the address at which its workers are reached")
	case len(a.Servers) == 0:
		return errs.Field("servers", "cannot run an agent without the address of a server")
	case a.LeaveLease < 0 || a.LeaveLease > time.Hour:
		return errs.Field("leave_lease", "cannot be %s: 0s to 1h", a.LeaveLease)
	case a.Isolation != IsolationSandbox && a.Isolation != IsolationNone:
		return errs.Field("isolation", "cannot be %q: sandbox or none", a.Isolation)
	case a.WorkerUser != "" && (a.WorkerUIDs != "" || a.WorkerGroup != ""):
		return errs.Field("worker_user", "cannot be set with worker_uids or worker_group: workers share one user, or have users of their own")
	case a.Isolation == IsolationNone && a.WorkerUIDs != "":
		return errs.Field("worker_uids", "cannot be set with isolation: none: workers have no users of their own then")
	case a.Isolation == IsolationNone && a.WorkerGroup != "":
		return errs.Field("worker_group", "cannot be set with isolation: none: workers have the groups of worker_user then")
	case a.Isolation == IsolationNone && len(a.SharedDirectories)+len(a.HiddenDirectories) > 0:
		return errs.Field("shared_directories", "cannot be set with isolation: none, and neither can hidden_directories: workers see the whole node then")
	case a.WorkerProcesses < 16 || a.WorkerProcesses > 4<<20:
		return errs.Field("worker_processes", "cannot be %d: 16 to %d", a.WorkerProcesses, 4<<20)
	case a.WorkerOpenFiles < 64 || a.WorkerOpenFiles > 1<<20:
		return errs.Field("worker_open_files", "cannot be %d: 64 to %d", a.WorkerOpenFiles, 1<<20)
	case a.DiskFullPercent < 1 || a.DiskFullPercent > 100:
		return errs.Field("disk_full_percent", "cannot be %d: 1 to 100", a.DiskFullPercent)
	}
	for _, address := range a.Servers {
		if err := checkAddress("servers", address); err != nil {
			return err
		}
		if err := checkPlain("servers", address, a.TLS.On(), a.Insecure); err != nil {
			return err
		}
	}
	if err := checkLogLevel(a.LogLevel); err != nil {
		return err
	}
	if err := a.ObjectStore.Validate(); err != nil {
		return err
	}
	return a.TLS.Validate()
}
