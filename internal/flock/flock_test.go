package flock

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

func open(t *testing.T, path string) *os.File {
	t.Helper()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

func TestWait_UntilTheOtherFileIsClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	held := open(t, path)
	other := open(t, path)
	synctest.Test(t, func(t *testing.T) {
		if err := Wait(t.Context(), held, time.Hour); err != nil {
			t.Fatal(err)
		}
		waiting := make(chan error, 1)
		go func() { waiting <- Wait(t.Context(), other, time.Hour) }()
		synctest.Wait()
		select {
		case err := <-waiting:
			t.Fatalf("two have it: %v", err)
		default:
		}
		_ = held.Close()
		if err := <-waiting; err != nil {
			t.Error(err)
		}
	})
}

func TestWait_EndsWithItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if err := Wait(t.Context(), open(t, path), time.Hour); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	cancel(enough)
	if err := Wait(ctx, open(t, path), time.Hour); !errors.Is(err, enough) {
		t.Errorf("it ended with %v", err)
	}
}

func TestWait_SaysWhichFileCannotBeLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	closed := open(t, path)
	_ = closed.Close()
	var failed *os.PathError
	if err := Wait(t.Context(), closed, time.Hour); !errors.As(err, &failed) || failed.Path != path {
		t.Errorf("a closed file: %v", err)
	}
}
