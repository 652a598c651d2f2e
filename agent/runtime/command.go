package runtime

import "github.com/headrace/headrace/agent/guest"

// Command is what a worker runs.
type Command struct {
	// Args are the program, as an absolute path, and its arguments.
	Args []string `json:"args"`
	// Env is the whole environment as NAME=value; HEADRACE_WORKER_ID is added to it.
	Env []string `json:"env"`
	// Sources say where files of the work directory were fetched from, by their paths in it. They are for people: no shim
	// reads them.
	Sources map[string]string `json:"-"`
	// Handover is what an engine has to tell a process that waits, if it is to do what this command does. No shim reads
	// it.
	Handover any `json:"-"`
}

// Spec is everything a shim must know of its worker. The fields below Logs are filled in by the
// Runtime.
type Spec struct {
	ID string `json:"id"` // the worker's id; a file name
	Command
	MilliCPU  int64 `json:"milli_cpu"`  // thousandths of a CPU; 0: no limit
	MemoryMiB int64 `json:"memory_mib"` // MiB; 0: no limit
	DiskMiB   int64 `json:"disk_mib"`   // MiB that its home and its logs may hold; 0: no limit
	// Peers names the workers that reach each other's ports on this node, such as those of one attempt; empty: this worker
	// alone.
	Peers string `json:"peers,omitempty"`
	// KeepOnDisconnect lets the worker go on when the lease ends.
	KeepOnDisconnect bool `json:"keep_on_disconnect,omitempty"`
	// LongestSeconds is how long the worker may run, even if it is still wanted then; 0: as long as it is wanted.
	LongestSeconds int64 `json:"longest_seconds,omitempty"`
	// Logs is the folder for stdout and stderr, as a local path below the folder of all logs. If the folder is taken, a
	// number is added to its name, so that nothing is overwritten. Empty: the worker's directory.
	Logs string `json:"logs,omitempty"`

	// StartedAs is the id that a worker which was taken was started with: its processes and its control group have it.
	StartedAs string `json:"started_as,omitempty"`

	Cgroup    string      `json:"cgroup,omitempty"`    // the group below every hierarchy's root; empty: none
	Processes int64       `json:"processes,omitempty"` // at most, with threads; 0: no limit
	User      *guest.User `json:"user,omitempty"`      // nil: the agent's own user
	Home      string      `json:"home,omitempty"`      // path of its home; empty: it never had one
	Dir       string      `json:"dir,omitempty"`       // its working directory, as the worker sees it
	Apart     bool        `json:"apart,omitempty"`     // its shim is in namespaces of its own
	Crun      string      `json:"crun,omitempty"`      // path of what makes its sandbox; empty: it has none
	Lease     string      `json:"lease"`               // path of the lease file
}
