package lastwords

import (
	"regexp"
	"strings"
)

// Said is what a program said at its end.
type Said struct {
	Error  *Error // its last exception; nil: there is none
	Words  string // its last words after that, of a log only if they are grave; empty: there are none
	Record bool   // the words are a record of a log
	Logged string // the last line of a log, which says little; for when there is nothing else
}

// Error is an exception that a program told of.
type Error struct {
	// Python says that it is one of the program's own Python: unhandled, it ends that with exit code 1.
	Python bool
	// Remote says that it was told by Spark of a task, which ran in an executor.
	Remote bool
	// Direct says that it was raised from what caused it, so that both belong together.
	Direct bool
	// Chain is the exception, then what caused it, down to its root.
	Chain []string
	// Group holds the first line of each exception of a group.
	Group []string
}

// Head returns the exception's own line.
func (e *Error) Head() string { return e.Chain[0] }

// Root returns what caused it in the end. An end of a stream tells nothing that its own cause does not tell better.
func (e *Error) Root() string {
	for i := len(e.Chain) - 1; i > 0; i-- {
		if !strings.HasSuffix(e.Chain[i], "java.io.EOFException") {
			return e.Chain[i]
		}
	}
	return e.Chain[0]
}

// sparkError is an exception of Spark or of its way to Python, whose messages have several lines.
var sparkError = regexp.MustCompile(`^(?:pyspark|py4j|org\.apache)\.`)

// SpansLines says whether the lines after the exception are likely to be its message, not words of the program.
func (e *Error) SpansLines() bool {
	return !e.Python || e.Remote || sparkError.MatchString(e.Head()) || len(e.Chain) > 1 && !e.Direct
}

// remote finds what Spark says before the exception of a task.
var remote = regexp.MustCompile(`api\.python\.PythonException|captured\.PythonException|Lost task |` +
	`stage failure: |\(executor \S+\)`)

// Read returns what the end of a program's output says.
func Read(text string) Said {
	var r reader
	for line := range strings.Lines(text) {
		r.next(shown(line))
	}
	return r.said
}
