package config

import "github.com/spf13/pflag"

// Bind adds the flags.
func (a *Agent) Bind(flags *pflag.FlagSet) {
	a.bindNode(flags)
	a.bindIsolation(flags)
	a.bindEngines(flags)
	a.bindLife(flags)
	a.bindProcess(flags)
}

// bindNode adds the flags of what the node is and offers.
func (a *Agent) bindNode(flags *pflag.FlagSet) {
	flags.StringVar(&a.DataDir, "data-dir", a.DataDir, "directory of the node's id and the workers' directories")
	flags.StringVar(&a.NodeName, "node-name", a.NodeName,
		"the name that people know the node by; by default its certificate's, or the host's")
	flags.StringVar(&a.Zone, "zone", a.Zone, "the node's failure domain")
	flags.Var(&a.Labels, "labels",
		"labels of the node, for constraints of applications, such as disk=nvme,rack=r1")
	flags.StringVar(&a.Host, "host", a.Host, "address at which workers on other nodes reach this node's workers")
	flags.StringSliceVar(&a.Servers, "servers", a.Servers, "gRPC addresses of servers; one that answers is enough")
	flags.Var(&a.Capacity.CPU, "capacity-cpu", "vCPU that the node offers, such as 8; by default what the machine has")
	flags.Var(&a.Capacity.Memory, "capacity-memory",
		"memory that the node offers, such as 32GB; by default what the machine has")
	flags.Var(&a.Capacity.Disk, "capacity-disk", "disk that the node offers, such as 200GB; by default what is free")
	flags.StringVar(&a.ShuffleDir, "shuffle-dir", a.ShuffleDir,
		"directory on a fast disk, for workers of the disk type SHUFFLE_OPTIMIZED")
	flags.Int64Var(&a.DiskFullPercent, "disk-full-percent", a.DiskFullPercent,
		"use of the disk at which no worker is started any more")
}

// bindIsolation adds the flags of what keeps workers apart.
func (a *Agent) bindIsolation(flags *pflag.FlagSet) {
	flags.StringVar(&a.Isolation, "isolation", a.Isolation,
		"sandbox, which keeps workers from each other and from this machine, or none")
	flags.StringVar(&a.WorkerUIDs, "worker-uids", a.WorkerUIDs,
		"users that workers run as, each as its own: FIRST-LAST; by default a free range of 65,536")
	flags.StringVar(&a.WorkerUser, "worker-user", a.WorkerUser,
		"one user that all workers share, instead of --worker-uids")
	flags.StringVar(&a.WorkerGroup, "worker-group", a.WorkerGroup, "group of all workers, by which they share files")
	flags.Int64Var(&a.WorkerProcesses, "worker-processes", a.WorkerProcesses,
		"processes and threads that an isolated worker may have")
	flags.Int64Var(&a.WorkerOpenFiles, "worker-open-files", a.WorkerOpenFiles,
		"files that a process of an isolated worker may have open")
	flags.StringSliceVar(&a.SharedDirectories, "shared-directories", a.SharedDirectories,
		"directories that all workers see; log URIs of users, file://, reach these only")
	flags.StringSliceVar(&a.HiddenDirectories, "hidden-directories", a.HiddenDirectories,
		"directories that no worker sees, besides the usual ones")
	flags.StringVar(&a.Cgroup, "cgroup", a.Cgroup,
		"control group below which each worker gets its own; empty: no limits")
}

// bindEngines adds the flags of what workers run.
func (a *Agent) bindEngines(flags *pflag.FlagSet) {
	flags.StringSliceVar(&a.ReleaseDirs, "release-dirs", a.ReleaseDirs,
		"directories of releases; the first is the node's own cache")
	flags.StringVar(&a.Python, "python", a.Python, "interpreter for PySpark where a run names none")
	flags.StringVar(&a.Region, "region", a.Region, "what workers find in AWS_REGION unless their run says another one")
	flags.BoolVar(&a.WarmWorkers, "warm-workers", a.WarmWorkers,
		"start and rehearse a process in every pre-initialised slot")
	flags.BoolVar(&a.ClassData, "class-data", a.ClassData,
		"write archives of class data in the background, so that workers start faster")
}

// bindLife adds the flags of the agent's own life.
func (a *Agent) bindLife(flags *pflag.FlagSet) {
	flags.BoolVar(&a.RefusedMeansLeaderless, "refused-means-leaderless", a.RefusedMeansLeaderless,
		"a refused connection counts as the answer of a server that knows no leader")
	flags.BoolVar(&a.StopWorkersOnExit, "stop-workers-on-exit", a.StopWorkersOnExit, "stop all workers with the agent")
	flags.DurationVar(&a.LeaveLease, "leave-lease", a.LeaveLease,
		"lease that a stopping agent asks for, so that workers outlive its restart")
}
