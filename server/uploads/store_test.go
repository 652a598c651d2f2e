package uploads

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/upload"
)

// open returns a store with bounds, and what runs need.
func open(t *testing.T, bounds Bounds, needed *[]Key) *Store {
	t.Helper()
	s, err := Open(t.TempDir(), bounds, func() []Key { return *needed })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// file is a file of a user, of so many bytes.
func file(user, text string, size int) (Key, []byte) {
	content := append([]byte(text), make([]byte, size-len(text))...)
	return Key{User: user, Digest: sha256.Sum256(content)}, content
}

// keep keeps a file that was used so long ago.
func keep(t *testing.T, s *Store, user, text string, size int, ago time.Duration) Key {
	t.Helper()
	key, content := file(user, text, size)
	if err := s.Keep(key, int64(size), bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	used := time.Now().Add(-ago)
	if err := os.Chtimes(s.path(key), used, used); err != nil {
		t.Fatal(err)
	}
	return key
}

func TestD3_AFileIsKeptForItsUserOnly(t *testing.T) {
	s := open(t, DefaultBounds(), new([]Key))
	ann := keep(t, s, "ann", "print(1)", 100, 0)
	bob := Key{User: "bob", Digest: ann.Digest}
	if !s.Has(ann) || s.Has(bob) || s.Use(bob) {
		t.Errorf("ann's is there: %t, as bob's: %t", s.Has(ann), s.Has(bob))
	}
	if err := s.Stream(bob, nil); !errs.Is(err, errs.NotFound) {
		t.Errorf("bob reads ann's: %v", err)
	}
	var got []byte
	err := s.Stream(ann, func(part []byte) error {
		got = append(got, part...)
		return nil
	})
	if err != nil || sha256.Sum256(got) != ann.Digest {
		t.Errorf("ann reads %q, %v", got, err)
	}
}

func TestD3_WhatIsNotTheAnnouncedFileLeavesNothing(t *testing.T) {
	s := open(t, DefaultBounds(), new([]Key))
	key, content := file("ann", "print(1)", 100)
	other, _ := file("ann", "print(2)", 100)
	for field, try := range map[string]func() error{
		"digest: ":     func() error { return s.Keep(other, 100, bytes.NewReader(content)) },
		"size_bytes: ": func() error { return s.Keep(key, 99, bytes.NewReader(content)) },
		"size_bytes:":  func() error { return s.Keep(key, 101, bytes.NewReader(content)) },
		"size_bytes":   func() error { return s.Keep(key, upload.MaxBytes+1, bytes.NewReader(content)) },
	} {
		if err := try(); !errs.Is(err, errs.Invalid) || !strings.HasPrefix(err.Error(), field) {
			t.Errorf("%s%v", field, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(s.dir, "*")); len(left) != 0 || len(s.arriving) != 0 {
		t.Errorf("left are %v, arriving %v", left, s.arriving)
	}
}

// A full store gives up what nobody needs, the oldest first, and refuses what then has no room. A user who fills it
// takes no room of others.
func TestD3_AFullStoreGivesUpTheOldestThatNobodyNeeds(t *testing.T) {
	needed := &[]Key{}
	s := open(t, Bounds{Age: 30 * 24 * time.Hour, User: 3 << 20, All: 5 << 20}, needed)
	oldest := keep(t, s, "ann", "1", 1<<20, 9*time.Hour)
	older := keep(t, s, "ann", "2", 1<<20, 8*time.Hour)
	old := keep(t, s, "ann", "3", 1<<20, 7*time.Hour)
	*needed = []Key{oldest}
	keep(t, s, "ann", "4", 1<<20, 0)
	if !s.Has(oldest) || s.Has(older) || !s.Has(old) {
		t.Errorf("needed %t, oldest of the others %t, newer %t", s.Has(oldest), s.Has(older), s.Has(old))
	}
	*needed = []Key{oldest, old}
	key, content := file("ann", "5", 1<<20)
	err := s.Keep(key, int64(len(content)), bytes.NewReader(content))
	if !errs.Is(err, errs.Overloaded) || !strings.Contains(err.Error(), "files of ann take 3 MiB, the most is 3 MiB") {
		t.Errorf("one more of ann's: %v", err)
	}
	keep(t, s, "bob", "6", 1<<20, 0)
	keep(t, s, "cid", "7", 1<<20, 0)
	key, content = file("dan", "8", 1<<20)
	err = s.Keep(key, int64(len(content)), bytes.NewReader(content))
	if !errs.Is(err, errs.Overloaded) || !strings.Contains(err.Error(), "files of all users take 5 MiB") {
		t.Errorf("one more of dan's: %v", err)
	}
	*needed = nil
	keep(t, s, "dan", "8", 1<<20, 0)
	if s.Has(oldest) || !s.Has(old) {
		t.Errorf("oldest %t, newer %t", s.Has(oldest), s.Has(old))
	}
}

// Small files count, too: no user has so many of them that looking at them takes long.
func TestD3_SmallFilesAreBoundedByTheirNumber(t *testing.T) {
	s := open(t, Bounds{Age: time.Hour, User: 10 * smallest, All: 100 * smallest}, new([]Key))
	for i := range 10 {
		keep(t, s, "ann", strings.Repeat("x", i+1), i+1, 0)
	}
	key, content := file("ann", "another", 7)
	if err := s.Keep(key, 7, bytes.NewReader(content)); !errs.Is(err, errs.Overloaded) {
		t.Errorf("the eleventh file: %v", err)
	}
}

func TestD3_SweepRemovesWhatNobodyUsedForTooLong(t *testing.T) {
	needed := &[]Key{}
	s := open(t, Bounds{Age: 24 * time.Hour, User: 1 << 30, All: 1 << 30}, needed)
	*needed = []Key{keep(t, s, "ann", "needed", 10, 48*time.Hour)}
	unused := keep(t, s, "ann", "unused", 10, 25*time.Hour)
	used := keep(t, s, "ann", "used", 10, 48*time.Hour)
	s.Use(used)
	left, err := s.Sweep(time.Now())
	if err != nil || left != 2*smallest || !s.Has((*needed)[0]) || s.Has(unused) || !s.Has(used) {
		t.Errorf("%d bytes are left, %v; needed %t, unused %t, used %t",
			left, err, s.Has((*needed)[0]), s.Has(unused), s.Has(used))
	}
}

// The folder of a user who has no files any more goes, whatever removed them, and comes again with the next file.
func TestD3_AUserWithoutFilesHasNoFolder(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Bounds{Age: 24 * time.Hour, User: 1 << 30, All: 2 * smallest}, func() []Key { return nil })
	if err != nil {
		t.Fatal(err)
	}
	folders := func() []string {
		all, _ := filepath.Glob(filepath.Join(dir, "*"))
		return all
	}
	ann := keep(t, s, "ann", "1", 10, 48*time.Hour)
	if left, err := s.Sweep(time.Now()); left != 0 || err != nil || len(folders()) != 0 {
		t.Errorf("after a sweep there are %v, %v", folders(), err)
	}
	keep(t, s, "ann", "2", 10, 2*time.Hour)
	keep(t, s, "bob", "1", 10, 0)
	keep(t, s, "cid", "1", 10, 0) // for which ann's goes
	if len(folders()) != 2 {
		t.Errorf("when there was no room there are %v", folders())
	}
	died := filepath.Join(dir, filepath.Dir(ann.name()))
	must(t, os.Mkdir(died, 0o750))
	must(t, os.WriteFile(filepath.Join(died, written.Prefix+"1"), nil, 0o600))
	if _, err := Open(dir, DefaultBounds(), func() []Key { return nil }); err != nil || len(folders()) != 2 {
		t.Errorf("after a server that died there are %v, %v", folders(), err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestD3_AnUploadThatBreaksGivesItsRoomBack(t *testing.T) {
	s := open(t, Bounds{Age: time.Hour, User: 1 << 20, All: 1 << 20}, new([]Key))
	key, content := file("ann", "1", 1<<20)
	if err := s.Keep(key, 1<<20, errReader{}); err == nil || s.Has(key) {
		t.Errorf("half a file: %v, it is there: %t", err, s.Has(key))
	}
	if err := s.Keep(key, 1<<20, bytes.NewReader(content)); err != nil {
		t.Error(err)
	}
}

// errReader breaks at once.
type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errors.New("broke off") }
