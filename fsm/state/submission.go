package state

import "time"

// Submission is what a user asked for. Exactly one of Spark, Hive and Process is set.
type Submission struct {
	Name          string
	ExecutionRole string
	Spark         *SparkSubmit
	Hive          *Hive
	Process       *Process
	Configuration []Configuration
	Streaming     bool
	MaxAttempts   uint32        // of a batch run, at least 1
	MaxFailures   uint32        // failed attempts in an hour at which a streaming run stops
	Timeout       time.Duration // from the first RUNNING; 0: none
	Keep          bool          // its workers go on where the lease has ended
	Monitoring    *Monitoring   // nil: nothing was said

	DiskEncryption  *DiskEncryption  // nil: nothing was said
	ExecutionPolicy *ExecutionPolicy // nil: nothing was said
}

// SparkSubmit is the driver of a Spark run, as the user wrote it.
type SparkSubmit struct {
	EntryPoint string
	Arguments  []string
	Parameters string
}

// Hive is the driver of a Hive run, as the user wrote it.
type Hive struct {
	Query         string
	InitQueryFile string
	Parameters    string
}

// Process is the driver of a PROCESS run.
type Process struct {
	Command     []string
	TaskCommand []string // empty: Command
	Tasks       uint32
	TaskRetries uint32
	Environment map[string]string
}

// Shape is what a run's workers look like, resolved when the run was accepted.
type Shape struct {
	Driver     WorkerType
	DriverSize Size
	Worker     WorkerType
	WorkerSize Size
	Initial    uint32 // workers that start together with the driver
	Minimum    uint32 // never fewer
	Maximum    uint32 // never more
	Batch      uint32 // placed per second once it runs
	Paced      bool   // no more is asked of the nodes than they have started
}
