package spark

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestPackageCache_SweepsWhatADeadAgentLeftHalfMade(t *testing.T) {
	c := &packageCache{root: t.TempDir(), held: map[string]string{}}
	dead, busy := filepath.Join(c.root, makingPrefix+"1"), filepath.Join(c.root, makingPrefix+"2")
	for _, dir := range []string{dead, busy} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "half.jar"), "PK")
	}
	old := time.Now().Add(-2 * makingOld)
	if err := os.Chtimes(dead, old, old); err != nil {
		t.Fatal(err)
	}
	c.sweep()
	if _, err := os.Stat(dead); !os.IsNotExist(err) {
		t.Errorf("the folder of a dead agent: %v", err)
	}
	if _, err := os.Stat(busy); err != nil {
		t.Errorf("the folder of an agent at work: %v", err)
	}
}
