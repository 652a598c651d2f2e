package spark

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPackageCache_SweepsWhatADeadAgentLeftHalfMade(t *testing.T) {
	c := &packageCache{root: t.TempDir(), held: map[string]*os.File{}}
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

// kept makes a set of that size, last used so long ago, and notes that a key leads to it.
func kept(t *testing.T, c *packageCache, key string, bytes int64, ago time.Duration) (dir string) {
	t.Helper()
	dir = filepath.Join(c.root, "of-"+key)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, manifestFile), fmt.Sprintf(`[{"name": "a.jar", "size": %d}]`, bytes))
	write(t, filepath.Join(c.root, key+keySuffix), filepath.Base(dir))
	then := time.Now().Add(-ago)
	if err := os.Chtimes(filepath.Join(dir, manifestFile), then, then); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The sets of a machine are bounded, whoever has them resolved; what a worker uses stays, whichever agent has it.
func TestPackageCache_KeepsWhatFits(t *testing.T) {
	root := t.TempDir()
	c := &packageCache{root: root, held: map[string]*os.File{}}
	other := &packageCache{root: root, held: map[string]*os.File{}}
	const size = maxPackageBytes
	want := map[string]bool{}
	for i := range 2 * packagesBytes / size {
		dir := kept(t, c, fmt.Sprint("key", i), size, time.Duration(i)*time.Hour)
		want[dir] = i < packagesBytes/size-2 // the newest ones fit, besides two that are used
	}
	for i, cache := range map[int]*packageCache{15: c, 16: other} {
		if _, err := cache.find(fmt.Sprint("key", i), "w"); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(root, fmt.Sprint("of-key", i))
		want[dir] = true
		then := time.Now().Add(-2 * packagesUnused)
		if err := os.Chtimes(filepath.Join(dir, manifestFile), then, then); err != nil {
			t.Fatal(err)
		}
	}
	c.sweep()
	for dir, stays := range want {
		if _, err := os.Stat(dir); (err == nil) != stays {
			t.Errorf("%s: %v", dir, err)
		}
		key := strings.TrimPrefix(filepath.Base(dir), "of-") + keySuffix
		if _, err := os.Stat(filepath.Join(root, key)); (err == nil) != stays {
			t.Errorf("%s: %v", key, err)
		}
	}
	other.free("w")
	c.sweep()
	if _, err := os.Stat(filepath.Join(root, "of-key16")); !os.IsNotExist(err) {
		t.Errorf("what nobody uses any more: %v", err)
	}
}
