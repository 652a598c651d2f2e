package durable

import (
	"os"
	"path/filepath"
	"testing"
)

func TestStore_ReplacesWhatLoadReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "node.json")
	var read map[string]int
	if found, err := Load(path, &read); found || err != nil {
		t.Errorf("of nothing there is %v, %v", found, err)
	}
	for _, n := range []int{1, 2} {
		if err := Store(path, map[string]int{"n": n}); err != nil {
			t.Fatal(err)
		}
	}
	if found, err := Load(path, &read); !found || err != nil || read["n"] != 2 {
		t.Errorf("read was %v, %v, %v", read, found, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("%v are left, %v", left, err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if found, err := Load(path, &read); !found || err == nil {
		t.Error("half a file was read")
	}
}
