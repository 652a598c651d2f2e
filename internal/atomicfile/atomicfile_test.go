package atomicfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/smalldisk"
)

// names returns what is in a directory.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		all = append(all, entry.Name())
	}
	return all
}

// holds checks that a directory has one file, with that content.
func holds(t *testing.T, path, content string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != content {
		t.Errorf("the file has %.40q, %v", got, err)
	}
	if all := names(t, filepath.Dir(path)); len(all) != 1 {
		t.Errorf("there are %q", all)
	}
}

func TestWrite_MakesAndReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for content, options := range map[string]Options{
		"private": {},
		"for all": {Mode: 0o644, Sync: true},
	} {
		if err := WriteBytes(path, options, []byte(content)); err != nil {
			t.Fatal(err)
		}
		holds(t, path, content)
		mode := options.Mode
		if mode == 0 {
			mode = 0o600
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v", content, info.Mode(), err)
		}
	}
}

func TestWrite_ThatFailsChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := WriteBytes(path, Options{}, []byte("old")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := Write(path, Options{}, func(file *os.File) error {
		_, _ = file.WriteString("ne")
		return broken
	})
	if err != broken { //nolint:errorlint // it is to be the same one
		t.Errorf("%v", err)
	}
	holds(t, path, "old")
	func() {
		defer func() { _ = recover() }()
		_ = Write(path, Options{}, func(*os.File) error { panic("broken") })
	}()
	holds(t, path, "old")
}

func TestWrite_NamesWhatIsInTheWay(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "folder")
	if err := os.MkdirAll(filepath.Join(path, "with a file"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := WriteBytes(path, Options{}, nil); !errors.Is(err, syscall.EEXIST) && !errors.Is(err, syscall.EISDIR) {
		t.Errorf("over a folder: %v", err)
	}
	if err := WriteBytes(filepath.Join(dir, "no", "file"), Options{}, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in no folder: %v", err)
	}
	if all := names(t, dir); len(all) != 1 {
		t.Errorf("left are %q", all)
	}
}

// Whoever opens the name while it is replaced again and again reads one content, whole.
func TestWrite_IsNeverSeenInPart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	content := func(n byte) []byte { return bytes.Repeat([]byte{n}, 100_000) }
	if err := WriteBytes(path, Options{}, content(0)); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	var done atomic.Bool
	for n := range byte(4) {
		writers.Go(func() {
			for range 50 {
				if err := WriteBytes(path, Options{}, content(n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var readers sync.WaitGroup
	readers.Go(func() {
		for !done.Load() {
			got, err := os.ReadFile(path)
			if err != nil || len(got) != 100_000 || !bytes.Equal(got, content(got[0])) {
				t.Errorf("read %d bytes that are not one content, %v", len(got), err)
				return
			}
		}
	})
	writers.Wait()
	done.Store(true)
	readers.Wait()
	if all := names(t, filepath.Dir(path)); len(all) != 1 {
		t.Errorf("left are %q", all)
	}
}

func TestWrite_ExclusiveHasOneWinner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	var group sync.WaitGroup
	var winner atomic.Pointer[string]
	for n := range 20 {
		group.Go(func() {
			content := strconv.Itoa(n)
			switch err := WriteBytes(path, Options{Exclusive: true}, []byte(content)); {
			case err == nil && !winner.CompareAndSwap(nil, &content):
				t.Error("two made the file")
			case err != nil && !errors.Is(err, fs.ErrExist):
				t.Error(err)
			}
		})
	}
	group.Wait()
	if winner.Load() == nil {
		t.Fatal("nobody made the file")
	}
	holds(t, path, *winner.Load())
}

func TestWrite_OnAFullDiskKeepsTheOldContent(t *testing.T) {
	dir, inside := smalldisk.Enter(t, 64<<10)
	if !inside {
		return
	}
	path := filepath.Join(dir, "file")
	if err := WriteBytes(path, Options{}, []byte("old")); err != nil {
		t.Fatal(err)
	}
	if err := WriteBytes(path, Options{Sync: true}, make([]byte, 1<<20)); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v, not %v", err, syscall.ENOSPC)
	}
	holds(t, path, "old")
	if err := WriteBytes(path, Options{Sync: true}, make([]byte, 32<<10)); err != nil {
		t.Errorf("what was written in vain takes room: %v", err)
	}
}

// dies is in the environment of the process that is killed while it writes.
const dies = "HEADRACE_TEST_DIES_AT"

func TestWrite_ByAProcessThatDiesLeavesTheOldContent(t *testing.T) {
	if path := os.Getenv(dies); path != "" {
		_ = Write(path, Options{}, func(file *os.File) error {
			_, _ = file.WriteString("half")
			return syscall.Kill(os.Getpid(), syscall.SIGKILL)
		})
		return
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := WriteBytes(path, Options{}, []byte("old")); err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), dies+"="+path)
	if said, err := child.CombinedOutput(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("%v: %s", err, said)
	}
	if all := names(t, dir); len(all) != 2 {
		t.Errorf("it was not writing: there are %q", all)
	}
	if err := RemoveUnfinished(dir, Options{}); err != nil {
		t.Error(err)
	}
	holds(t, path, "old")
}

// Where others may be making files, only those go that nobody has written to for long, and only those of these options.
func TestRemoveUnfinishedBefore_LeavesWhatSomebodyMayBeMaking(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	const long = 2 * time.Hour
	for name, age := range map[string]time.Duration{".new-old": long, ".new-young": 0, ".other-old": long} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, ".new-folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := RemoveUnfinishedBefore(dir, Options{}, now.Add(-time.Hour)); err != nil {
		t.Error(err)
	}
	if got, want := names(t, dir), []string{".new-folder", ".new-young", ".other-old"}; !slices.Equal(got, want) {
		t.Errorf("left are %q, not %q", got, want)
	}
}
