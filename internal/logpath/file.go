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

// Parse reads a path that the other functions of this package make. is is false for every other spelling.
func Parse(path string) (file File, is bool) {
	names := strings.Split(path, "/")
	if len(names) < 6 || names[0] != "applications" || names[2] != "jobs" {
		return File{}, false
	}
	f := File{Application: names[1], Run: names[3]}
	rest := names[4:]
	if rest[0] == "attempts" {
		number, is := numberOf(rest[1])
		if !is || len(rest) < 4 {
			return File{}, false
		}
		f.Attempt = number
		rest = rest[2:]
	}
	if rest[0] == eventLogs {
		f.Events = true
		return f, rest[1] != ""
	}
	return f.ofWorker(rest[0], rest[1:])
}

// ofWorker adds what the names below the attempt's folder say: the worker's kind, and its number unless it is a driver.
// is is false unless the last names are those of its output.
func (f File) ofWorker(kind string, rest []string) (file File, is bool) {
	f.Kind = kind
	if number, epoch, is := workerOf(rest[0]); is {
		f.Number = number
		f.Epoch = epoch
		rest = rest[1:]
	}
	return f, isOutput(rest)
}

// workerOf reads the folder of a worker that is no driver: its number, and after it its epoch unless that is the first.
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
		return names[0] == archived && isOlderPart(names[1])
	}
	return false
}

// isOlderPart says whether a name is that of an archived part, such as stdout_3.gz.
func isOlderPart(name string) bool {
	name, zipped := strings.CutSuffix(name, ".gz")
	stream, index, is := strings.Cut(name, "_")
	if !zipped || !is || stream != "stdout" && stream != "stderr" {
		return false
	}
	number, err := strconv.ParseInt(index, 10, 64)
	return err == nil && number >= 0 && strconv.FormatInt(number, 10) == index
}

// numberOf reads a number from 1 on as it is written in paths.
func numberOf(name string) (uint32, bool) {
	n, err := strconv.ParseUint(name, 10, 32)
	return uint32(n), err == nil && n > 0 && strconv.FormatUint(n, 10) == name
}
