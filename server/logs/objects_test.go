package logs

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/storage"
)

func TestObjects_AreReadAndSweptByAge(t *testing.T) {
	dir := t.TempDir()
	base := "file://" + dir + "/logs/"
	o := &Objects{Storage: storage.New(storage.Config{}).Files(storage.OwnAccess(base)), Base: base}
	now := time.Now()
	for file, age := range map[string]time.Duration{
		aFile:       time.Hour,
		aFile + "2": 3 * time.Hour,
		"other/x":   3 * time.Hour,
	} {
		name := filepath.Join(dir, "logs", file)
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("0123456789"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, now, now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if removed, err := o.Sweep(t.Context(), now.Add(-2*time.Hour)); err != nil || removed != 1 {
		t.Errorf("%d removed, %v", removed, err)
	}
	if _, err := o.Stat(t.Context(), aFile+"2"); !errs.Is(err, errs.NotFound) {
		t.Errorf("the old file: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "logs", "other/x")); err != nil {
		t.Errorf("what is not below %s: %v", top, err)
	}
	from, err := o.Read(t.Context(), aFile, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	if rest, err := io.ReadAll(from); err != nil || string(rest) != "456789" {
		t.Errorf("%q, %v", rest, err)
	}
	if size, err := o.Stat(t.Context(), aFile); err != nil || size != 10 {
		t.Errorf("size %d, %v", size, err)
	}
}
