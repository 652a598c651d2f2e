package runtime

import "syscall"

// Reason says how a worker came to its end. The names are on disk: append only.
type Reason string

// The reasons.
const (
	Exited       Reason = "EXITED"         // its program ended by itself
	Stopped      Reason = "STOPPED"        // somebody wanted it to stop
	OutOfMemory  Reason = "OUT_OF_MEMORY"  // it used more memory than it holds
	StartRefused Reason = "START_REFUSED"  // this machine could not start it
	Disappeared  Reason = "DISAPPEARED"    // nobody saw how it ended
	FileNotFound Reason = "FILE_NOT_FOUND" // a file that it needs is not there
	LeaseEnded   Reason = "LEASE_ENDED"    // its lease was over
	AccessDenied Reason = "ACCESS_DENIED"  // a file that it needs may not be read
	OutOfDisk    Reason = "OUT_OF_DISK"    // it held more disk than it has
)

// Exit is how a worker ended.
type Exit struct {
	Reason          Reason `json:"reason"`
	Code            int32  `json:"code"`                        // 128 plus the signal when a signal ended it
	Signal          int32  `json:"signal,omitempty"`            // 0: no signal ended it
	Message         string `json:"message,omitempty"`           // for people; never the worker's own output
	PeakMemoryBytes int64  `json:"peak_memory_bytes,omitempty"` // 0: not measured
	Starved         bool   `json:"starved,omitempty"`           // it lost a process for memory, and went on
}

// Refused says whether a worker with this end was never started, because this machine could not, or it lacked what the
// program needs.
func (r Reason) Refused() bool { return r == StartRefused || r == FileNotFound || r == AccessDenied }

// exitOf classifies the end of a worker. wanted is why it was to stop (empty: it was not to), and oom says whether its
// group met the out-of-memory killer. A worker that was killed for memory while it was being stopped was stopped.
func exitOf(status syscall.WaitStatus, wanted Reason, oom bool) Exit {
	exit := Exit{Reason: Exited, Code: int32(status.ExitStatus())}
	if status.Signaled() {
		exit.Signal = int32(status.Signal())
		exit.Code = 128 + exit.Signal
	}
	switch {
	case wanted != "":
		exit.Reason = wanted
	case oom && exit.Code != 0:
		exit.Reason = OutOfMemory
	}
	return exit
}
