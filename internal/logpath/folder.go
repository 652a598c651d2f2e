package logpath

import (
	"path"
	"strconv"
	"strings"
)

// Names of folders.
const (
	eventLogs = "sparklogs"
	archived  = "archived"
)

// Attempt is one try of a job run.
type Attempt struct {
	Application, Run string
	Number           uint32
	// Apart says that the run may have several attempts, so that each has a folder of its own.
	Apart bool
}

// Folder returns the attempt's folder below that of all logs.
func (a Attempt) Folder() string {
	folder := path.Join("applications", a.Application, "jobs", a.Run)
	if a.Apart {
		folder = path.Join(folder, "attempts", strconv.FormatUint(uint64(a.Number), 10))
	}
	return folder
}

// EventLogs returns the folder of Spark's event log of the attempt.
func (a Attempt) EventLogs() string { return path.Join(a.Folder(), eventLogs) }

// Worker is one worker of an attempt.
type Worker struct {
	Attempt
	// Type is DRIVER, EXECUTOR, HIVE_DRIVER, TEZ_TASK or TASK.
	Type string
	// Process says that the engine is PROCESS.
	Process bool
	// Number is 0 for the driver, an executor's id or a task's index.
	Number uint32
	// Epoch counts the workers that had this number, from 1.
	Epoch uint32
}

// Folder returns the worker's folder below that of all logs.
func (w Worker) Folder() string {
	folder := path.Join(w.Attempt.Folder(), w.Kind())
	if w.Number == 0 {
		return folder
	}
	number := strconv.FormatUint(uint64(w.Number), 10)
	if w.Epoch > 1 {
		number += "-" + strconv.FormatUint(uint64(w.Epoch), 10)
	}
	return path.Join(folder, number)
}

// Kind returns the worker's engine and type, such as SPARK_DRIVER.
func (w Worker) Kind() string {
	switch {
	case strings.HasPrefix(w.Type, "HIVE_"), strings.HasPrefix(w.Type, "TEZ_"): // these types have their engine's name
		return w.Type
	case w.Process:
		return "PROCESS_" + w.Type
	}
	return "SPARK_" + w.Type
}

// PartBytes is how much of a stream one file holds, before gzip.
const PartBytes = 128 << 20

// Latest returns the file of a stream's newest part in a worker's folder. stream is stdout or stderr.
func Latest(folder, stream string) string { return path.Join(folder, stream+".gz") }

// Archived returns the file of an older part, which holds the bytes from index times PartBytes on.
func Archived(folder, stream string, index int64) string {
	return path.Join(folder, archived, stream+"_"+strconv.FormatInt(index, 10)+".gz")
}
