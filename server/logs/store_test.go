package logs

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/smalldisk"
)

const aFile = "applications/a/jobs/r/SPARK_DRIVER/stdout.gz"

func open(t *testing.T) (*Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

func content(t *testing.T, s *Store, file string) []byte {
	t.Helper()
	from, err := s.Read(file, 0)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	all, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Whatever an agent sends, in whatever order, again or with holes: a file is a beginning of the log, never shrinks, and
// is whole as soon as the agent went on from where the server said.
func TestAppend_RandomCallsKeepABeginning(t *testing.T) {
	s, _ := open(t)
	random := rand.New(rand.NewPCG(5, 5))
	log := make([]byte, 20_000)
	for i := range log {
		log[i] = byte(random.Int())
	}
	for last := int64(0); last < int64(len(log)); {
		offset := random.Int64N(int64(len(log)))
		if random.IntN(3) > 0 {
			offset = last
		}
		size, err := s.Append(aFile, offset, log[offset:min(offset+random.Int64N(900), int64(len(log)))])
		if err != nil {
			t.Fatal(err)
		}
		if size < last {
			t.Fatalf("the file shrank from %d to %d", last, size)
		}
		last = size
		if got := content(t, s, aFile); !bytes.Equal(got, log[:last]) {
			t.Fatalf("of %d bytes %d are kept, and they are not its beginning", last, len(got))
		}
	}
}

func TestAppend_SkipsWhatIsThereAndAnswersTheSizeAtAHole(t *testing.T) {
	s, _ := open(t)
	for _, c := range []struct {
		offset int64
		data   string
		size   int64
	}{{0, "", 0}, {3, "xyz", 0}, {0, "abc", 3}, {0, "ab", 3}, {1, "bcdef", 6}, {9, "z", 6}, {6, "", 6}, {6, "g", 7}} {
		if size, err := s.Append(aFile, c.offset, []byte(c.data)); err != nil || size != c.size {
			t.Errorf("%q at %d: size %d, %v; want %d", c.data, c.offset, size, err, c.size)
		}
	}
	if got := content(t, s, aFile); string(got) != "abcdefg" {
		t.Errorf("kept %q", got)
	}
}

func TestAppend_ConcurrentCallsOnOnePathAreOneAfterAnother(t *testing.T) {
	s, _ := open(t)
	log := bytes.Repeat([]byte("0123456789"), 1000)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for size := int64(0); size < int64(len(log)); {
				var err error
				if size, err = s.Append(aFile, size, log[size:min(size+77, int64(len(log)))]); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	if got := content(t, s, aFile); !bytes.Equal(got, log) {
		t.Errorf("%d bytes are kept, or others than were sent", len(got))
	}
}

func TestAppend_RefusesPathsThatLeadElsewhere(t *testing.T) {
	s, dir := open(t)
	for _, path := range []string{
		"",
		"applications",
		"applications/",
		"/applications/x",
		"../applications/x",
		"applications/../x",
		"applications/a/../b",
		"applications//x",
		"applications/.x",
		"applications/a/.hidden/x",
		"applications/./x",
		"other/x",
		"applications/a\\b",
		"applications/a\x00b",
		"applications/" + strings.Repeat("x", 256),
		"applications/" + strings.Repeat("x/", 20) + "x",
		"applications/" + strings.Repeat("yy/", 600) + "y",
	} {
		if _, err := s.Append(path, 0, []byte("x")); !errs.Is(err, errs.Invalid) {
			t.Errorf("%.40q: %v", path, err)
		}
		if _, err := s.Read(path, 0); !errs.Is(err, errs.Invalid) {
			t.Errorf("reading %.40q: %v", path, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("the store has %v, %v", entries, err)
	}
	for _, call := range []func() (int64, error){
		func() (int64, error) { return s.Append(aFile, -1, nil) },
		func() (int64, error) { return s.Append(aFile, 0, make([]byte, maxPart+1)) },
	} {
		if _, err := call(); !errs.Is(err, errs.Invalid) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := s.Append(aFile, maxSize, []byte("x")); !errs.Is(err, errs.TooLarge) {
		t.Errorf("beyond the largest size: %v", err)
	}
}

// A link that somebody put into the directory does not lead out of it.
func TestStore_FollowsNoLinkOut(t *testing.T) {
	s, dir := open(t)
	if err := os.Symlink(t.TempDir(), filepath.Join(dir, top)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(aFile, 0, []byte("x")); err == nil {
		t.Error("written outside of the store")
	}
}

func fill(t *testing.T, s *Store, dir, file string, size int, written time.Time) {
	t.Helper()
	if _, err := s.Append(file, 0, make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(dir, file), written, written); err != nil {
		t.Fatal(err)
	}
}

func kept(t *testing.T, s *Store) (files []string) {
	t.Helper()
	all, err := s.List(top + "/")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		files = append(files, strings.TrimPrefix(f.Path, top+"/"))
	}
	return files
}

func TestSweep_RemovesOldFilesThenOldestRuns(t *testing.T) {
	s, dir := open(t)
	now := time.Now()
	fill(t, s, dir, "applications/a/jobs/1/SPARK_DRIVER/stdout.gz", 10, now.Add(-40*time.Hour))
	fill(t, s, dir, "applications/a/jobs/2/SPARK_DRIVER/stdout.gz", 100, now.Add(-20*time.Hour))
	fill(t, s, dir, "applications/a/jobs/2/SPARK_DRIVER/stderr.gz", 100, now.Add(-2*time.Hour))
	fill(t, s, dir, "applications/b/jobs/3/SPARK_DRIVER/stdout.gz", 100, now.Add(-10*time.Hour))
	fill(t, s, dir, "applications/b/jobs/4/SPARK_DRIVER/stdout.gz", 100, now.Add(-1*time.Hour))
	if removed, err := s.Sweep(now.Add(-30*time.Hour), 350); err != nil || removed != 2 {
		t.Errorf("%d removed, %v", removed, err)
	}
	// Run 3 was written to before run 2.
	want := "a/jobs/2/SPARK_DRIVER/stderr.gz a/jobs/2/SPARK_DRIVER/stdout.gz b/jobs/4/SPARK_DRIVER/stdout.gz"
	if got := strings.Join(kept(t, s), " "); got != want {
		t.Errorf("kept %s", got)
	}
	for _, folder := range []string{"applications/a/jobs/1", "applications/b/jobs/3"} {
		if _, err := os.Stat(filepath.Join(dir, folder)); !os.IsNotExist(err) {
			t.Errorf("%s is still there: %v", folder, err)
		}
	}
	if s.used.Load() != 300 {
		t.Errorf("%d bytes are counted", s.used.Load())
	}
	if _, err := s.Sweep(now, 0); err != nil || len(kept(t, s)) != 0 {
		t.Errorf("kept %v, %v", kept(t, s), err)
	}
	if _, err := s.Sweep(now, 0); err != nil {
		t.Errorf("sweeping nothing: %v", err)
	}
	if _, err := s.Append(aFile, 0, []byte("again")); err != nil {
		t.Errorf("after a sweep: %v", err)
	}
}

// What is read while it is swept is read to its end.
func TestSweep_LeavesReadersAlone(t *testing.T) {
	s, dir := open(t)
	fill(t, s, dir, aFile, 100_000, time.Now().Add(-time.Hour))
	whole := content(t, s, aFile)
	from, err := s.Read(aFile, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	if removed, err := s.Sweep(time.Now(), 0); err != nil || removed != 1 {
		t.Errorf("%d removed, %v", removed, err)
	}
	if rest, err := io.ReadAll(from); err != nil || !bytes.Equal(rest, whole[10:]) {
		t.Errorf("read %d bytes of %d, %v", len(rest), len(whole)-10, err)
	}
}

// A full disk leaves a beginning of the log. When there is room again, the agent goes on from there.
func TestAppend_OnAFullDiskGoesOnLater(t *testing.T) {
	dir, inside := smalldisk.Enter(t, 128<<10)
	if !inside {
		return
	}
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	other := filepath.Join(dir, "other")
	if err := os.WriteFile(other, make([]byte, 64<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	log := bytes.Repeat([]byte("0123456789abcdef"), 100<<10/16)
	if _, err := s.Append(aFile, 0, log); !errs.Is(err, errs.Unavailable) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v, not %v", err, syscall.ENOSPC)
	}
	kept := content(t, s, aFile)
	if len(kept) == len(log) || !bytes.HasPrefix(log, kept) {
		t.Errorf("%d bytes are kept, which are no beginning of %d", len(kept), len(log))
	}
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	size, err := s.Append(aFile, int64(len(kept)), log[len(kept):])
	if err != nil || size != int64(len(log)) || !bytes.Equal(content(t, s, aFile), log) {
		t.Errorf("%d of %d bytes, %v", size, len(log), err)
	}
}
