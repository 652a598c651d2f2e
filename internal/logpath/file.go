package logpath

import (
	"strconv"
	"strings"
)

// File is what the path of a log file says: whose it is.
type File struct {
	Application, Run string
	// Attempt is 0 where attempts are not kept apart: it is the only one.
	Attempt uint32
	// Events says that it is a part of Spark's event log, which the attempt's driver writes. Then the rest is empty.
	Events bool
	// Kind is the engine and type of the worker whose output it is, such as SPARK_DRIVER.
	Kind string
	// Number and Epoch are those of the worker; of a driver they are 0, as its folder does not tell them.
	Number, Epoch uint32
}

// Parse reads a path that the other functions of this package make. Another spelling of one is not one.
func Parse(path string) (File, bool) {
	names := strings.Split(path, "/")
	if len(names) < 6 || names[0] != "applications" || names[2] != "jobs" {
		return File{}, false
	}
	f, rest := File{Application: names[1], Run: names[3]}, names[4:]
	if rest[0] == "attempts" {
		number, is := numberOf(rest[1])
		if !is || len(rest) < 4 {
			return File{}, false
		}
		f.Attempt, rest = number, rest[2:]
	}
	if rest[0] == eventLogs {
		f.Events = true
		return f, rest[1] != ""
	}
	f.Kind, rest = rest[0], rest[1:]
	if number, epoch, is := workerOf(rest[0]); is {
		f.Number, f.Epoch, rest = number, epoch, rest[1:]
	}
	return f, isOutput(rest)
}

// workerOf reads the folder of a worker that is no driver: its number, and behind it its epoch unless that is the first.
func workerOf(name string) (number, epoch uint32, is bool) {
	first, later, apart := strings.Cut(name, "-")
	if number, is = numberOf(first); !is || !apart {
		return number, 1, is
	}
	epoch, is = numberOf(later)
	return number, epoch, is && epoch > 1
}

// isOutput says whether names are those of a part of stdout or stderr.
func isOutput(names []string) bool {
	switch len(names) {
	case 1:
		return names[0] == "stdout.gz" || names[0] == "stderr.gz"
	case 2:
		name, zipped := strings.CutSuffix(names[1], ".gz")
		stream, index, is := strings.Cut(name, "_")
		number, err := strconv.ParseInt(index, 10, 64)
		return zipped && is && names[0] == archived && (stream == "stdout" || stream == "stderr") &&
			err == nil && number >= 0 && strconv.FormatInt(number, 10) == index
	}
	return false
}

// numberOf reads a number from 1 on as it is written in paths.
func numberOf(name string) (uint32, bool) {
	n, err := strconv.ParseUint(name, 10, 32)
	return uint32(n), err == nil && n > 0 && strconv.FormatUint(n, 10) == name
}
