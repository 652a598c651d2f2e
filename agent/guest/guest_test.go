package guest_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/agent/guest"
)

// stranger is a user that owns nothing on this machine.
func stranger(t *testing.T) *guest.User {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can take another user's rights")
	}
	return &guest.User{UID: 1_900_000_123, GID: 1_900_000_123}
}

// passable returns a directory that everybody may pass through: those of tests are their owner's.
func passable(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "guest-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// folderOf returns a folder that belongs to a user.
func folderOf(t *testing.T, u *guest.User, dir string) *guest.Folder {
	t.Helper()
	path := filepath.Join(dir, "work")
	if err := errors.Join(os.Mkdir(path, 0o700), os.Chown(path, int(u.UID), int(u.GID))); err != nil {
		t.Fatal(err)
	}
	f, err := u.Folder(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestUser_ReadsOnlyWhatItMay(t *testing.T) {
	u, dir := stranger(t), passable(t)
	for name, mode := range map[string]fs.FileMode{"open": 0o644, "closed": 0o600, "group": 0o640} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("text"), mode); err != nil {
			t.Fatal(err)
		}
	}
	file, err := u.Open(filepath.Join(dir, "open"))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(file); err != nil || string(text) != "text" {
		t.Errorf("read %q, %v", text, err)
	}
	_ = file.Close()
	for _, name := range []string{"closed", "group"} {
		if _, err := u.Open(filepath.Join(dir, name)); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A file that root has open is behind a link of /proc, which a capability would open.
func TestUser_HasNoCapabilities(t *testing.T) {
	u, dir := stranger(t), passable(t)
	err := u.Do(func() error { return unix.Chown(dir, 0, 0) })
	if !errors.Is(err, unix.EPERM) {
		t.Errorf("chown: %v", err)
	}
	if _, err := u.Stat("/proc/1/root/etc"); err == nil {
		t.Error("the root of another process was entered through /proc")
	}
	err = u.Do(func() error {
		status, err := os.ReadFile("/proc/thread-self/status")
		for line := range strings.Lines(string(status)) {
			if set, ok := strings.CutPrefix(line, "CapEff:"); ok && strings.Trim(set, "0\t\n ") != "" {
				t.Errorf("it has the capabilities %s", set)
			}
			if groups, ok := strings.CutPrefix(line, "Groups:"); ok && strings.TrimSpace(groups) != "1900000123" {
				t.Errorf("it is in the groups %s", groups)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// What runs beside a call, and after it, has the process's own rights.
func TestUser_IsGoneWithTheCall(t *testing.T) {
	u, dir := stranger(t), passable(t)
	closed := filepath.Join(dir, "closed")
	if err := os.WriteFile(closed, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			if _, err := u.Open(closed); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("as the user: %v", err)
			}
		})
		all.Go(func() {
			if _, err := os.ReadFile(closed); err != nil {
				t.Errorf("as root: %v", err)
			}
		})
	}
	all.Wait()
}

func TestUser_OpensNothingButFiles(t *testing.T) {
	u, dir := stranger(t), passable(t)
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, dir, "/dev/null"} {
		if file, err := u.Open(path); err == nil {
			_ = file.Close()
			t.Errorf("%s was opened", path)
		}
	}
}

func TestFolder_MakesWhatBelongsToTheUser(t *testing.T) {
	u, dir := stranger(t), passable(t)
	f := folderOf(t, u, dir)
	if err := errors.Join(f.MkdirAll("a/b"), f.WriteFile("c/d/file", []byte("text"), 0o600)); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(f.Path(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if owner, ok := info.Sys().(*syscall.Stat_t); !ok || owner.Uid != u.UID || owner.Gid != u.GID ||
			info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s belongs to %d:%d, mode %v", path, owner.Uid, owner.Gid, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestFolder_IsNeverLeft(t *testing.T) {
	u, dir := stranger(t), passable(t)
	f := folderOf(t, u, dir)
	secret := filepath.Join(dir, "secret")
	// Everybody may read and write it: the folder alone keeps it.
	if err := os.WriteFile(secret, []byte("secret"), 0o666); err != nil {
		t.Fatal(err)
	}
	err := errors.Join(
		os.Symlink(secret, filepath.Join(f.Path(), "file")),
		os.Symlink(dir, filepath.Join(f.Path(), "folder")),
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"file", "folder/secret", "../secret", secret} {
		if file, err := f.Open(name); err == nil {
			_ = file.Close()
			t.Errorf("%s was opened", name)
		}
	}
	for _, name := range []string{"folder/new", "../new"} {
		if err := f.WriteFile(name, []byte("changed"), 0o600); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	_ = f.WriteFile("file", []byte("changed"), 0o600) // takes the link's place
	_ = f.RemoveAll("folder")
	if text, err := os.ReadFile(secret); err != nil || string(text) != "secret" {
		t.Errorf("the file outside has %q, %v", text, err)
	}
}

func TestFolder_WalksWithoutLinks(t *testing.T) {
	u, dir := stranger(t), passable(t)
	f := folderOf(t, u, dir)
	if err := f.WriteFile("a/file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc", filepath.Join(f.Path(), "b")); err != nil {
		t.Fatal(err)
	}
	var seen []string
	err := f.Walk(func(path string, _ fs.DirEntry, err error) error {
		seen = append(seen, path)
		return err
	})
	if got := strings.Join(seen, " "); err != nil || got != ". a a/file b" {
		t.Errorf("%s, %v", got, err)
	}
}

// A program may fill a folder with any number of names: who looks at it pays for what it looks at.
func TestFolder_AWalkThatEndsReadsNoMore(t *testing.T) {
	u, dir := stranger(t), passable(t)
	f := folderOf(t, u, dir)
	for i := range 3000 {
		if err := os.WriteFile(filepath.Join(f.Path(), fmt.Sprintf("%04d", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var seen int
	look := func() {
		seen = 0
		err := f.WalkFrom(".", func(string, fs.DirEntry, error) error {
			if seen++; seen > 10 {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil || seen != 11 {
			t.Fatalf("%d seen, %v", seen, err)
		}
	}
	if made := testing.AllocsPerRun(5, look); made > 8*1024 {
		t.Errorf("%.0f things were made to look at 10 of 3000 files", made)
	}
}

// Deep folders, links and what goes away end no walk.
func TestFolder_WalkFromGoesAsDeepAsIsMeasured(t *testing.T) {
	dir := t.TempDir()
	var u *guest.User
	f, err := u.Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := errors.Join(f.MkdirAll("a/"+strings.Repeat("d/", 300)), os.Symlink("/etc", filepath.Join(dir, "a", "link")),
		f.WriteFile("a/file", []byte("12"), 0o600)); err != nil {
		t.Fatal(err)
	}
	deep, sizes := 0, map[string]int64{}
	err = f.WalkFrom("a", func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, guest.ErrTooDeep) {
			deep++
			return nil
		}
		if info, failed := entry.Info(); failed == nil && !entry.IsDir() {
			sizes[name] = info.Size()
		}
		return err
	})
	if err != nil || deep != 1 || sizes["a/file"] != 2 || len(sizes) != 2 {
		t.Errorf("%v, too deep %d times, %v", err, deep, sizes)
	}
}

// An agent that is not root works with its own rights, in folders that are not left either.
func TestNobody_IsTheAgentItself(t *testing.T) {
	var u *guest.User
	dir := t.TempDir()
	f, err := u.Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := f.WriteFile("file", []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if file, err := u.Open(filepath.Join(dir, "file")); err != nil {
		t.Error(err)
	} else {
		_ = file.Close()
	}
	if file, err := f.Open("../" + filepath.Base(dir) + "/file"); err == nil {
		_ = file.Close()
		t.Error("the folder was left")
	}
}

func TestMeasure_CountsWhatTheDiskHolds(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	err := errors.Join(
		os.MkdirAll(at("a/b"), 0o700),
		os.WriteFile(at("a/b/file"), make([]byte, 1<<20), 0o600),
		os.Link(at("a/b/file"), at("twin")),
		os.Symlink("/usr", at("link")),
		os.WriteFile(at("empty"), nil, 0o600),
		os.WriteFile(at("holes"), nil, 0o600),
		os.Truncate(at("holes"), 1<<30),
	)
	if err != nil {
		t.Fatal(err)
	}
	// Two folders, the file once, a link, and two files without content.
	if got, err := guest.Measure(dir); err != nil || got != 1<<20+5*4096 {
		t.Errorf("%d bytes, %v", got, err)
	}
}

func TestMeasure_SeesWhatItsOwnerCloses(t *testing.T) {
	u, dir := stranger(t), passable(t)
	f := folderOf(t, u, dir)
	if err := f.WriteFile("closed/file", make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(f.Path(), "closed"), 0); err != nil {
		t.Fatal(err)
	}
	if got, err := guest.Measure(f.Path()); err != nil || got < 1<<20 {
		t.Errorf("%d bytes, %v", got, err)
	}
	if err := guest.Remove(f.Path()); err != nil {
		t.Error(err)
	}
}

// nest makes folders within folders.
func nest(t *testing.T, dir string, depth int) {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	for range depth {
		if err := errors.Join(root.Mkdir("d", 0o700), root.WriteFile("file", nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		below, err := root.OpenRoot("d")
		_ = root.Close()
		if err != nil {
			t.Fatal(err)
		}
		root = below
	}
	_ = root.Close()
}

func TestMeasure_EndsInADepthThatIsNone(t *testing.T) {
	dir := t.TempDir()
	nest(t, dir, 400)
	if _, err := guest.Measure(dir); !errors.Is(err, guest.ErrTooDeep) {
		t.Errorf("it gave %v", err)
	}
	if err := guest.Remove(filepath.Join(dir, "d")); err != nil {
		t.Error(err)
	}
}

// A worker nests folders deeper than the agent may have files open, and makes more of them than one reading gives.
func TestRemove_TakesAnyDepthAndNumber(t *testing.T) {
	top := filepath.Join(t.TempDir(), "top")
	if err := os.Mkdir(top, 0o700); err != nil {
		t.Fatal(err)
	}
	nest(t, top, 3000)
	for i := range 3000 {
		if err := os.WriteFile(filepath.Join(top, "file-"+strconv.Itoa(i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc", filepath.Join(top, "link")); err != nil {
		t.Fatal(err)
	}
	if err := guest.Remove(top); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(top); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is there: %v", err)
	}
	if err := guest.Remove(top); err != nil {
		t.Errorf("again: %v", err)
	}
	if _, err := os.Stat("/etc/passwd"); err != nil {
		t.Error(err)
	}
}
