package fleet

import (
	"strings"
	"testing"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// What Spark prints while it shuts down is longer than what goes with a worker's end; the exception must be in it all
// the same.
func TestExcerpt_KeepsTheExceptionBeforeSparksShutdown(t *testing.T) {
	frame := "\tat org.apache.spark.executor.Executor$TaskRunner.run(Executor.scala:623)\n"
	tail := "Traceback (most recent call last):\n  File \"x.py\", line 3, in <module>\nKeyError: 'column'\n\n" +
		strings.Repeat(frame, 100) + "\t... 1 more\n\nDriver stacktrace:\n" +
		strings.Repeat("26/11/23 03:33:54 INFO ShutdownHookManager: Deleting directory /tmp/spark\n", 100)
	got := string(excerpt([]byte(tail)))
	if !strings.Contains(got, "KeyError: 'column'") || strings.Contains(got, "\tat ") || strings.Contains(got, "INFO") {
		t.Errorf("the excerpt is %q", got)
	}
}

func TestExcerpt_OfNothingButNoiseIsItsEnd(t *testing.T) {
	line := "2026-11-23 03:33:54 INFO nothing else was said\n"
	got := string(excerpt([]byte(strings.Repeat(line, 1000))))
	if !strings.HasSuffix(got, line) || len(got) != excerptBytes {
		t.Errorf("the excerpt has %d bytes: %q", len(got), got[max(0, len(got)-100):])
	}
}

// tails are the ends of a worker's logs.
type tails struct {
	Runtime
	stderr string
	stdout string
}

func (t tails) Tail(_, stream string, _ int64) []byte {
	if stream == "stdout" {
		return []byte(t.stdout)
	}
	return []byte(t.stderr)
}

// What a Python driver says is on stdout; its stderr is Spark's log, which may be its end.
func TestA1_LastWordsAreTheProgramsOwn(t *testing.T) {
	const log = "26/11/29 17:27:57 WARN NativeCodeLoader: no library\n" +
		"26/11/29 17:27:57 ERROR X: no\njava.io.IOException: y\n" +
		"26/11/29 17:27:58 INFO ShutdownHookManager: Deleting directory /tmp/x\n"
	python := &agentv1.AssignedWorker{Program: &agentv1.AssignedWorker_SparkDriver{
		SparkDriver: &agentv1.SparkDriver{EntryPoint: "s3://b/job.py"},
	}}
	other := &agentv1.AssignedWorker{}
	traced := string(traceback) + "\nX: y\n"
	for name, c := range map[string]struct {
		worker         *agentv1.AssignedWorker
		stderr, stdout string
		want           string
	}{
		"python":                    {python, log, "SyntaxError: x\n", "SyntaxError: x\n"},
		"python that says nothing":  {python, log, "", "26/11/29 17:27:57 ERROR X: no\njava.io.IOException: y\n"},
		"python that nobody hears":  {python, "26/11/29 17:27:58 INFO ShutdownHookManager: x\n", "", ""},
		"python and its JVM":        {python, "java.lang.Error: z\n" + log, "row 1\n", "java.lang.Error: z\nrow 1\n"},
		"another program":           {other, "begun\nno rows\n", "result\n", "begun\nno rows\n"},
		"another, and a traceback":  {other, "no rows\n", "a\n" + traced, "no rows\n\n" + traced},
		"another that only logs":    {other, "2026-11-23 03:33:54 INFO bye\n", "no rows\n", "no rows\n"},
		"another with nothing else": {other, "2026-11-23 03:33:54 INFO bye\n", "", "2026-11-23 03:33:54 INFO bye\n"},
	} {
		if got := string(lastWords(tails{stderr: c.stderr, stdout: c.stdout}, c.worker)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
