package runtime

import (
	"os"
	"path/filepath"
	"testing"
)

// What a link led to when it was opened counts, not what it leads to when somebody looks.
func TestSight_IsOfWhatWasOpened(t *testing.T) {
	r := sandboxed(t)
	home := homeFor(t, r, idOf(t))
	hiddenFile, err := os.Create(filepath.Join(r.config.DataDir, "hidden"))
	if err != nil {
		t.Fatal(err)
	}
	defer hiddenFile.Close()
	if err := home.checkOpened(hiddenFile, "/shared/link"); err == nil {
		t.Error("a file that workers do not see was taken for one that they see")
	}
	seen, err := os.Open("/usr/bin/env")
	if err != nil {
		t.Fatal(err)
	}
	defer seen.Close()
	if err := home.checkOpened(seen, "/shared/link"); err != nil {
		t.Error(err)
	}
}

// Whether there is something where workers do not see is not told.
func TestSight_SaysNothingOfWhatIsHidden(t *testing.T) {
	r := sandboxed(t)
	home := homeFor(t, r, idOf(t))
	there := filepath.Join(r.config.DataDir, "there")
	if err := os.WriteFile(there, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, present := home.Stat(there)
	_, absent := home.Stat(filepath.Join(r.config.DataDir, "absent"))
	if present == nil || absent == nil || len(present.Error()) != len(absent.Error())-1 {
		t.Errorf("of one that is there: %v; of one that is not: %v", present, absent)
	}
}

// A worker that made its home unmeasurable is not kept for nothing.
func TestClean_CountsWhatCannotBeMeasured(t *testing.T) {
	r := testRuntime(t)
	id := idOf(t)
	home := homeFor(t, r, id)
	if err := writeJSON(filepath.Join(r.Dir(id), specFile), Spec{ID: id, DiskMiB: 100}); err != nil {
		t.Fatal(err)
	}
	if got := r.homeSize(id, home.path); got >= 100<<20 {
		t.Errorf("an empty home counts %d bytes", got)
	}
	deep := home.Path()
	for range 300 {
		deep = filepath.Join(deep, "d")
	}
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := r.homeSize(id, home.path); got != 100<<20 {
		t.Errorf("a home that cannot be measured counts %d bytes", got)
	}
}
