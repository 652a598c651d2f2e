package fleet

import (
	"bytes"
	"strings"

	"github.com/headrace/headrace/internal/lastwords"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// tailBytes is how much of a worker's log is read at its end, for an excerpt: more than the longest exception that
// anybody reads.
const tailBytes = 256 << 10

// Bounds of what goes with a worker's end, in bytes: both together fit into a status, with what the node says.
const (
	excerptBytes = 2 << 10
	besideBytes  = 1536 // of the second stream
)

// lastWords returns what a worker's logs say of its end: the last words of its stderr, and those of its stdout when
// that says more.
func lastWords(logs Runtime, a *agentv1.AssignedWorker) []byte {
	stderr := logs.Tail(a.GetWorkerId(), "stderr", tailBytes)
	stdout := logs.Tail(a.GetWorkerId(), "stdout", tailBytes)
	if printsOnStdout(a) {
		return pythonWords(stderr, stdout)
	}
	words := lastwords.Excerpt(string(stderr), excerptBytes)
	if said := lastwords.Read(words); said.Words == "" && said.Error == nil {
		if printed := lastwords.Excerpt(string(stdout), besideBytes); printed != "" {
			return []byte(printed)
		}
		return excerpt(stderr)
	}
	if at := bytes.LastIndex(stdout, traceback); at >= 0 {
		words += "\n" + lastwords.Excerpt(string(stdout[at:]), besideBytes)
	}
	return []byte(words)
}

// traceback begins what Python prints of an exception.
var traceback = []byte("Traceback (most recent call last):")

// printsOnStdout says whether all that a worker's program prints is on stdout: spark-submit sends both streams of a
// Python driver there. What is on stderr then is Spark's own log, and what the JVM says.
func printsOnStdout(a *agentv1.AssignedWorker) bool {
	return strings.HasSuffix(a.GetSparkDriver().GetEntryPoint(), ".py")
}

// pythonWords returns the last words of a Python driver. Without any of its own, Spark's log may say why.
func pythonWords(stderr, stdout []byte) []byte {
	printed := lastwords.Excerpt(string(stdout), excerptBytes)
	if strings.TrimSpace(printed) == "" {
		return []byte(lastwords.Excerpt(string(stderr), excerptBytes))
	}
	return []byte(lastwords.Unlogged(string(stderr), besideBytes) + printed)
}

// excerpt returns the end of a log without noise; if all of it is, then as it stands.
func excerpt(tail []byte) []byte {
	if text := lastwords.Excerpt(string(tail), excerptBytes); strings.TrimSpace(text) != "" {
		return []byte(text)
	}
	return tail[max(0, len(tail)-excerptBytes):]
}
