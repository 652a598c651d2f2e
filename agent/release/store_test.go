package release

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

func hexOf(digest []byte) string { return hex.EncodeToString(digest) }

// packed returns the servers' archive of a release with that label, of some 10 kB that do not compress.
func packed(t *testing.T, label string) (content, digest []byte) {
	t.Helper()
	return packedWith(t, label, hexOf(archive(t, distribution))+label)
}

// distributionOf returns a file with a distribution of which one file has that content.
func distributionOf(t *testing.T, content string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "a.tgz")
	files := map[string]string{"jars/spark-core_2.12-3.5.1.jar": "core", "bin/x": content}
	if err := os.WriteFile(file, archive(t, files), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// packedWith returns the servers' archive of a release with that content.
func packedWith(t *testing.T, label, content string) (archive, digest []byte) {
	t.Helper()
	made, err := FromArchive(t.Context(), AddOptions{Label: label, Root: t.TempDir()}, distributionOf(t, content))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	digest, _, err = Pack(made.Dir, &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), digest
}

// cache serves archives by digest.
type cache struct {
	archives map[string][]byte
	opened   atomic.Int32
	breakAt  int64 // a connection breaks after that many bytes; 0: never
}

func (c *cache) open(_ context.Context, digest []byte, offset int64) (io.ReadCloser, error) {
	c.opened.Add(1)
	content, ok := c.archives[string(digest)]
	if !ok {
		return nil, errors.New("no such archive")
	}
	rest := io.Reader(bytes.NewReader(content[offset:]))
	if left := int64(len(content)) - offset; c.breakAt > 0 && left > c.breakAt {
		rest = io.MultiReader(io.LimitReader(rest, c.breakAt), iotest.ErrReader(io.ErrUnexpectedEOF))
	}
	return io.NopCloser(rest), nil
}

func TestStore_CopiesOnceForManyWorkers(t *testing.T) {
	content, digest := packed(t, "our-spark")
	c := &cache{archives: map[string][]byte{string(digest): content}}
	s := NewStore(StoreConfig{Roots: []string{t.TempDir()}, Fetch: c.open})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if r, err := s.Ensure(t.Context(), "our-spark", digest); err != nil || r.EngineVersion != "3.5.1" {
				t.Errorf("got %+v, %v", r, err)
			}
		})
	}
	all.Wait()
	if c.opened.Load() != 1 || len(s.Labels()) != 1 {
		t.Errorf("%d copies, holds %v", c.opened.Load(), s.Labels())
	}
}

func TestStore_TakesABrokenCopyUpAgain(t *testing.T) {
	content, digest := packed(t, "our-spark")
	c := &cache{archives: map[string][]byte{string(digest): content}, breakAt: int64(len(content)/3 + 1)}
	s := NewStore(StoreConfig{Roots: []string{t.TempDir()}, Fetch: c.open})
	if _, err := s.Ensure(t.Context(), "our-spark", digest); err != nil || c.opened.Load() != 3 {
		t.Errorf("%d connections, %v", c.opened.Load(), err)
	}
}

// When a server dies, the copies of many nodes break at one moment: they do not all come back at once.
func TestStore_PausesBeforeItTakesABrokenCopyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cache{}
		s := NewStore(StoreConfig{Roots: []string{t.TempDir()}, Fetch: c.open})
		began := time.Now()
		_, err := s.Ensure(t.Context(), "our-spark", make([]byte, 32))
		took := time.Since(began)
		if !errs.Is(err, errs.Unavailable) || c.opened.Load() != fetchTries {
			t.Errorf("%d connections, %v", c.opened.Load(), err)
		}
		if pauses := 15 * fetchPause; took < pauses/2 || took > pauses { // 1, 2, 4 and 8 times the first
			t.Errorf("it took %s", took)
		}
	})
}

func TestStore_RefusesAnotherDigestAndForgetsWhatItGot(t *testing.T) {
	content, digest := packed(t, "our-spark")
	c := &cache{archives: map[string][]byte{string(digest): append([]byte("x"), content...)}}
	root := t.TempDir()
	s := NewStore(StoreConfig{Roots: []string{root}, Fetch: c.open})
	if _, err := s.Ensure(t.Context(), "our-spark", digest); err == nil || !strings.Contains(err.Error(), hexOf(digest)) {
		t.Errorf("got %v", err)
	}
	c.archives[string(digest)] = content
	if _, err := s.Ensure(t.Context(), "our-spark", digest); err != nil {
		t.Errorf("the next time: %v", err)
	}
}

func TestStore_SaysWhenNobodyHasARelease(t *testing.T) {
	s := NewStore(StoreConfig{Roots: []string{t.TempDir()}})
	if _, err := s.Ensure(t.Context(), "emr-7.2.0", nil); !errs.Is(err, errs.NotFound) ||
		!strings.Contains(err.Error(), "headrace release fetch emr-7.2.0") {
		t.Errorf("got %v", err)
	}
}

func TestStore_RemovesTheOldestThatNobodyHolds(t *testing.T) {
	c := &cache{archives: map[string][]byte{}}
	s := NewStore(StoreConfig{Roots: []string{t.TempDir()}, Fetch: c.open, Limit: 1})
	for i, label := range []string{"held", "old", "older", "new"} {
		content, digest := packed(t, label)
		c.archives[string(digest)] = content
		if label == "new" {
			s.config.Limit = 1
		} else {
			s.config.Limit = 1 << 30
		}
		if label == "held" {
			s.Hold("worker-1", label)
		}
		r, err := s.Ensure(t.Context(), label, digest)
		if err != nil {
			t.Fatal(err)
		}
		past := time.Unix(int64(1000-i), 0)
		if err := os.Chtimes(filepath.Join(r.Dir, manifestName), past, past); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(s.Labels(), " "); got != "held new" {
		t.Errorf("holds %s", got)
	}
	s.Free("worker-1")
	s.shrink(s.Releases()[1])
	if got := strings.Join(s.Labels(), " "); got != "new" {
		t.Errorf("after the worker's end it holds %s", got)
	}
}

// copying notes what a store tells.
type copying struct {
	mu    sync.Mutex
	label string
	told  []int64
	ended int
}

func (c *copying) SetCopy(label string, _ []byte, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.label = label
	c.told = append(c.told, bytes)
}

func (c *copying) EndCopy([]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended++
}

// How much of an archive is here is told from nothing to all of it, also across a break, and then that it is over.
func TestD2_ACopyTellsHowMuchIsHere(t *testing.T) {
	content, digest := packed(t, "our-spark")
	size := int64(len(content))
	c := &cache{archives: map[string][]byte{string(digest): content}, breakAt: size/3 + 1}
	heard := &copying{}
	s := NewStore(StoreConfig{Roots: []string{t.TempDir()}, Fetch: c.open, Copying: heard})
	if _, err := s.Ensure(t.Context(), "our-spark", digest); err != nil {
		t.Fatal(err)
	}
	if first, last := heard.told[0], heard.told[len(heard.told)-1]; first != 0 || last != size ||
		!slices.IsSorted(heard.told) || heard.label != "our-spark" || heard.ended != 1 {
		t.Errorf("%s: %v of %d, ended %d times", heard.label, heard.told, size, heard.ended)
	}
	if _, err := s.Ensure(t.Context(), "our-spark", make([]byte, 32)); err == nil || heard.ended != 2 {
		t.Errorf("a copy that is given up: %v, ended %d times", err, heard.ended)
	}
}
