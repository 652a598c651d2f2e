package config

import (
	"path/filepath"
	"time"

	"github.com/headrace/headrace/agent"
	"github.com/headrace/headrace/agent/runtime/sandbox"
	"github.com/headrace/headrace/server"
)

// Agent is how an agent is to run. Begin with DefaultAgent.
type Agent struct {
	Process `yaml:",inline"`

	// DataDir holds the node's id and the workers' directories, on the disk that workers may fill.
	DataDir string `yaml:"data_dir"`
	// NodeName is the name that people know the node by; by default the one that its certificate is for, and without
	// TLS the host's.
	NodeName string `yaml:"node_name"`
	// Zone is the node's failure domain.
	Zone string `yaml:"zone"`
	// Labels are what the node has beside that, for constraints of applications, such as disk: nvme.
	Labels Labels `yaml:"labels,omitempty"`
	// Host is the address at which workers on other nodes reach this node's workers.
	Host string `yaml:"host"`
	// Servers are gRPC addresses of at least one server; the agent learns the others.
	Servers []string `yaml:"servers"`
	// ReleaseDirs are directories of releases; the first is the node's own cache. Empty: releases below DataDir.
	ReleaseDirs []string `yaml:"release_dirs,omitempty"`
	// Capacity is what the node offers; a part that is not set is what the machine has.
	Capacity Capacity `yaml:"capacity,omitempty"`
	// ShuffleDir is a directory on a fast disk, where workers of the disk type SHUFFLE_OPTIMIZED live; empty: the node
	// offers none.
	ShuffleDir string `yaml:"shuffle_dir,omitempty"`
	// Isolation is sandbox, which keeps workers from each other, from the agent and from the node, or none. A sandbox
	// needs an agent that is root, and crun.
	Isolation string `yaml:"isolation"`
	// WorkerUIDs are the users that workers run as, each as one of its own: FIRST-LAST. Empty: a free range of 65,536.
	WorkerUIDs string `yaml:"worker_uids,omitempty"`
	// WorkerUser is the name of the one user that all workers share, instead of WorkerUIDs. Without isolation, an agent
	// that is root needs it.
	WorkerUser string `yaml:"worker_user,omitempty"`
	// WorkerGroup is the name of the group of all workers, by which they share files of SharedDirectories. Empty: each
	// has its own.
	WorkerGroup string `yaml:"worker_group,omitempty"`
	// WorkerProcesses bounds the processes and threads of a worker, WorkerOpenFiles the files that one of its processes
	// has open.
	WorkerProcesses int64 `yaml:"worker_processes"`
	WorkerOpenFiles int64 `yaml:"worker_open_files"`
	// SharedDirectories are what all workers see of this machine besides its system, and change as far as their user
	// may. Log URIs of users, file://, reach these only.
	SharedDirectories []string `yaml:"shared_directories,omitempty"`
	// HiddenDirectories are what no worker sees, besides homes of people, what is below /run, and what belongs to
	// Headrace.
	HiddenDirectories []string `yaml:"hidden_directories,omitempty"`
	// Cgroup is the group below which each worker gets its own, with limits; empty: no limits.
	Cgroup string `yaml:"cgroup"`
	// Python is the interpreter for PySpark where a run names none.
	Python string `yaml:"python,omitempty"`
	// Region is the value of AWS_REGION in workers whose run does not set it; best the region in the cluster's ARNs.
	Region string `yaml:"region"`
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
	// DiskFullPercent is the use of DataDir's disk from which on the node refuses to start workers.
	DiskFullPercent int64 `yaml:"disk_full_percent"`
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
	d := agent.DefaultConfig()
	box := sandbox.DefaultConfig()
	return Agent{
		Process:                defaultProcess(),
		DataDir:                "/var/lib/headrace/agent",
		Host:                   "127.0.0.1",
		Servers:                []string{server.DefaultConfig().GRPCAddress},
		Cgroup:                 d.Cgroup,
		Isolation:              IsolationSandbox,
		WorkerProcesses:        box.Processes,
		WorkerOpenFiles:        int64(box.OpenFiles),
		Region:                 server.DefaultConfig().Region,
		WarmWorkers:            true,
		ClassData:              true,
		RefusedMeansLeaderless: d.RefusedMeansLeaderless,
		LeaveLease:             d.LeaveLease,
		DiskFullPercent:        d.DiskFullPercent,
	}
}

// Config makes of the settings what an agent needs, but what has to be found out on the machine: its credentials, and
// how workers are kept apart.
func (a *Agent) Config() agent.Config {
	return agent.Config{
		DataDir:                a.DataDir,
		NodeName:               a.NodeName,
		Zone:                   a.Zone,
		Labels:                 a.Labels,
		Host:                   a.Host,
		Servers:                a.Servers,
		ReleaseDirs:            a.releaseDirs(),
		MilliCPU:               int64(a.Capacity.CPU),
		MemoryMiB:              int64(a.Capacity.Memory),
		DiskMiB:                int64(a.Capacity.Disk),
		ShuffleDir:             a.ShuffleDir,
		ObjectStore:            a.ObjectStore,
		Warm:                   a.WarmWorkers,
		Cgroup:                 a.Cgroup,
		RefusedMeansLeaderless: a.RefusedMeansLeaderless,
		StopWorkers:            a.StopWorkersOnExit,
		LeaveLease:             a.LeaveLease,
		DiskFullPercent:        a.DiskFullPercent,
	}
}

// releaseDirs returns the directories of releases.
func (a *Agent) releaseDirs() []string {
	if len(a.ReleaseDirs) > 0 {
		return a.ReleaseDirs
	}
	return []string{filepath.Join(a.DataDir, "releases")}
}
