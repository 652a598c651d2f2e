package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestWriteJSON_ReplacesWhatReadJSONReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	read := map[string]int{"n": 7}
	if found, err := ReadJSON(path, &read); found || err != nil || read["n"] != 7 {
		t.Errorf("of nothing there is %v, %v, %v", found, read, err)
	}
	for _, n := range []int{1, 2} {
		if err := WriteJSON(path, Options{}, map[string]int{"n": n}); err != nil {
			t.Fatal(err)
		}
	}
	if found, err := ReadJSON(path, &read); !found || err != nil || read["n"] != 2 {
		t.Errorf("read was %v, %v, %v", read, found, err)
	}
	holds(t, path, `{"n":2}`)
}

func TestWriteJSON_ExclusiveReplacesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for n, want := range []error{nil, fs.ErrExist} {
		if err := WriteJSON(path, Options{Exclusive: true}, n); !errors.Is(err, want) {
			t.Errorf("the file number %d: %v, not %v", n, err, want)
		}
	}
	holds(t, path, "0")
}

func TestJSON_SaysWhatIsNone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := WriteJSON(path, Options{}, make(chan int)); err == nil {
		t.Error("a channel was written")
	}
	if all := names(t, dir); len(all) != 0 {
		t.Errorf("left are %q", all)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	var read map[string]int
	if found, err := ReadJSON(path, &read); !found || err == nil {
		t.Errorf("of half a value there is %v, %v", found, err)
	}
	if found, err := ReadJSON(dir, &read); found || err == nil {
		t.Errorf("a folder was read: %v, %v", found, err)
	}
}
