package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// pipe returns a named pipe that nobody writes to.
func pipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A pipe to which nobody writes holds no command that is interrupted.
func TestReadFile_OfAPipeEndsWithTheCommand(t *testing.T) {
	for name, args := range map[string][]string{
		"a flag":       {"application", "create", "--name", "a", "--release", "emr-7.2.0", "--monitoring", "file://"},
		"apply":        {"apply", "--yes", "-f", ""},
		"job-run":      {"job-run", "start", "a", "-f", ""},
		"a list":       {"application", "create", "--name", "a", "--engine", "process", "--initial-capacity", "file://"},
		"a limit":      {"application", "update", "a", "--maximum-capacity", "file://"},
		"the settings": {"job-run", "start", "a", "--entry-point", "s3://b/x.py", "--configuration", "file://"},
	} {
		path := pipe(t)
		args[len(args)-1] += path
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := command(ctx, "127.0.0.1:1", args...)
		if ExitCode(r.failed) != ExitInterrupted || !errors.Is(r.failed, context.Canceled) {
			t.Errorf("%s: %v", name, r.failed)
		}
		free(t, path)
	}
}

// free ends who still waits for a writer of a pipe.
func free(t *testing.T, path string) {
	t.Helper()
	writer, err := os.OpenFile(path, os.O_RDWR, 0)
	if err == nil {
		err = writer.Close()
	}
	if err != nil {
		t.Error(err)
	}
}

// A pipe that is written to, such as a shell's <(...), is read.
func TestReadFile_ReadsAPipe(t *testing.T) {
	path := pipe(t)
	written := make(chan error, 1)
	go func() { written <- os.WriteFile(path, []byte("text"), 0) }()
	if text, err := textOf(t.Context(), "flag", "file://"+path); err != nil || text != "text" {
		t.Errorf("%q, %v", text, err)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}

// silent is an input where nobody types.
type silent struct{ ended chan struct{} }

func (s silent) Read([]byte) (int, error) {
	<-s.ended
	return 0, os.ErrClosed
}

// A question that nobody answers holds no command that is interrupted.
func TestAsk_EndsWithTheCommand(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := &ran{}
	env := testEnv(r, "")
	nobody := silent{make(chan struct{})}
	defer close(nobody.ended)
	env.In = nobody
	if agreed, err := ask(ctx, env, "Really?"); agreed || !errors.Is(err, context.Canceled) {
		t.Errorf("%t, %v", agreed, err)
	}
}
