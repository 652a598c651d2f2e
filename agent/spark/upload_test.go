package spark

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/upload"
)

// A driver whose entry point was uploaded runs it from its working directory: cold, and by what a process that waits
// is told.
func TestD3_AnUploadedEntryPointRunsColdAndWarm(t *testing.T) {
	for _, name := range []string{"count.py", "count.jar"} {
		content := []byte("print(1)")
		uri := upload.File{Digest: sha256.Sum256(content), Name: name}.URI()
		e, dir := fake(t, "3.11.7")
		asked := ""
		e.config.OpenUpload = func(_ context.Context, worker string, _ []byte) (io.ReadCloser, error) {
			asked = worker
			return io.NopCloser(bytes.NewReader(content)), nil
		}
		w := assignment(uri, nil, "argument")
		home := homeIn(t, dir)
		command, err := e.Prepare(t.Context(), w, home)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{filepath.Join(home.Seen, name), "argument"}
		cold := command.Args[len(command.Args)-2:]
		warm := command.Handover.(handover).start.Arguments
		if !slices.Equal(cold, want) || !slices.Equal(warm[len(warm)-2:], want) || asked != w.GetWorkerId() {
			t.Errorf("cold it runs %q, warm %q, not %q; asked for worker %q", cold, warm, want, asked)
		}
		got, err := os.ReadFile(filepath.Join(workIn(dir), name))
		if err != nil || !bytes.Equal(got, content) || command.Sources[name] != uri {
			t.Errorf("the file is %q, %v, from %q", got, err, command.Sources[name])
		}
	}
}

func TestD3_AnUploadedEntryPointThatIsGoneFailsTheAttempt(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	e.config.OpenUpload = func(context.Context, string, []byte) (io.ReadCloser, error) {
		return nil, errs.New(errs.NotFound, "the servers keep no such file")
	}
	uri := upload.File{Name: "count.py"}.URI()
	_, err := e.Prepare(t.Context(), assignment(uri, nil), homeIn(t, dir))
	if err == nil || !strings.Contains(err.Error(), uri+": the servers keep no such file") {
		t.Errorf("%v", err)
	}
}
