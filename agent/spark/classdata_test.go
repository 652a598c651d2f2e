package spark

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/internal/atomicfile"
)

// Another agent may write archives for as long as it likes: this one looks again, and asks nobody to wait.
func TestClassData_WaitsForNobody(t *testing.T) {
	hideJava(t)
	e, _ := fake(t, "3.11.7")
	folder := filepath.Join(e.config.Store.Root(), ".classdata")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	other, err := os.Create(filepath.Join(folder, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Flock(int(other.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	c := &classData{engine: e, tried: map[string]bool{}}
	r := e.config.Store.Releases()[0]
	_, err = c.write(t.Context(), r, filepath.Join(r.Dir, "java"), filepath.Join(folder, "a.jsa"))
	if !errors.Is(err, errBusy) {
		t.Errorf("while another one writes: %v, want %v", err, errBusy)
	}
	if c.writeMissing(t.Context()); len(c.tried) != 0 {
		t.Errorf("%v count as tried: this agent would never write them", c.tried)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if c.writeMissing(t.Context()); len(c.tried) != 1 { // a release without Java: it fails
		t.Errorf("%v were tried, want the one that is missing", c.tried)
	}
}

// An archive has some 100 MB: what agents that died have left unfinished would fill the disk.
func TestClassData_RemovesWhatADeadAgentLeftUnfinished(t *testing.T) {
	hideJava(t)
	e, _ := fake(t, "3.11.7")
	folder := filepath.Join(e.config.Store.Root(), ".classdata")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(folder, atomicfile.DefaultPrefix+"1")
	write(t, half, "half of one")
	c := &classData{engine: e, tried: map[string]bool{}}
	if c.writeMissing(t.Context()); len(c.tried) != 1 { // a release without Java: it fails
		t.Errorf("%v were tried, want the one that is missing", c.tried)
	}
	if _, err := os.Stat(half); !os.IsNotExist(err) {
		t.Errorf("the half of an archive: %v", err)
	}
}
