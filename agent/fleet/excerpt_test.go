package fleet

import (
	"strings"
	"testing"
)

// What Spark prints while it shuts down is longer than what goes with a worker's end; the exception must be in it all
// the same.
func TestExcerpt_KeepsTheExceptionBeforeSparksShutdown(t *testing.T) {
	tail := "Traceback (most recent call last):\n  File \"x.py\", line 3, in <module>\nKeyError: 'column'\n\n" +
		strings.Repeat("\tat org.apache.spark.executor.Executor$TaskRunner.run(Executor.scala:623)\n", 100) + "\t... 1 more\n\nDriver stacktrace:\n" +
		strings.Repeat("26/11/23 03:33:54 INFO ShutdownHookManager: Deleting directory /tmp/spark\n", 100)
	got := string(excerpt([]byte(tail)))
	if !strings.Contains(got, "KeyError: 'column'") || strings.Contains(got, "\tat ") || strings.Contains(got, "INFO") {
		t.Errorf("the excerpt is %q", got)
	}
}

func TestExcerpt_OfNothingButNoiseIsItsEnd(t *testing.T) {
	line := "2026-11-23 03:33:54 INFO nothing else was said\n"
	if got := string(excerpt([]byte(strings.Repeat(line, 1000)))); !strings.HasSuffix(got, line) || len(got) != excerptBytes {
		t.Errorf("the excerpt has %d bytes: %q", len(got), got[max(0, len(got)-100):])
	}
}
