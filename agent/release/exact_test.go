package release

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
)

// variant returns the servers' archive of a release with that label, and a cache that has it; each content is another
// release.
func (c *cache) variant(t *testing.T, label, content string) (digest []byte) {
	t.Helper()
	archive, digest := packedWith(t, label, content)
	c.archives[string(digest)] = archive
	return digest
}

// says returns what stands in the file by which variants differ.
func says(t *testing.T, r Release) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(r.SparkHome, "bin", "x"))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// A label that was replaced on the servers is not served from the copy that a node has of the former one, and who runs
// on that keeps it.
func TestStore_NeverUsesTheFormerCopyOfAReplacedLabel(t *testing.T) {
	c := &cache{archives: map[string][]byte{}}
	first, second := c.variant(t, "our-spark", "first"), c.variant(t, "our-spark", "second")
	s := NewStore(StoreConfig{Roots: []string{t.TempDir()}, Fetch: c.open, Limit: 1})
	s.Hold("worker-1", "our-spark")
	for _, digest := range [][]byte{first, second, first} {
		want := "first"
		if bytes.Equal(digest, second) {
			want = "second"
		}
		if r, err := s.Ensure(t.Context(), "our-spark", digest); err != nil || says(t, r) != want {
			t.Fatalf("%x: %+v, %v", digest, r, err)
		}
	}
	if c.opened.Load() != 2 || len(s.Releases()) != 2 || len(s.Labels()) != 1 {
		t.Errorf("%d copies were fetched, and it has %d of %v", c.opened.Load(), len(s.Releases()), s.Labels())
	}
}

// A node's own copy is used without the network where it is what the servers have, and only there.
func TestStore_UsesWhatWasAddedHereIfItIsTheSame(t *testing.T) {
	c := &cache{archives: map[string][]byte{}}
	same, other := c.variant(t, "our-spark", "same"), c.variant(t, "our-spark", "other")
	shared := t.TempDir()
	options := AddOptions{Label: "our-spark", Root: shared}
	if _, err := FromArchive(t.Context(), options, distributionOf(t, "same")); err != nil {
		t.Fatal(err)
	}
	s := NewStore(StoreConfig{Roots: []string{t.TempDir(), shared}, Fetch: c.open})
	for range 2 {
		if r, err := s.Ensure(t.Context(), "our-spark", same); err != nil || filepath.Dir(r.Dir) != shared ||
			c.opened.Load() != 0 {
			t.Fatalf("%+v, %v after %d copies", r, err, c.opened.Load())
		}
	}
	if r, err := s.Ensure(t.Context(), "our-spark", other); err != nil || says(t, r) != "other" {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := s.Ensure(t.Context(), "our-spark", nil); err != nil || says(t, r) != "same" {
		t.Errorf("without an archive on the servers: %+v, %v", r, err)
	}
}

// The digest of what was fetched here is computed once, not once a process, and again when something came into its
// directory.
func TestStore_RecallsADigestUntilTheDirectoryChanges(t *testing.T) {
	root := t.TempDir()
	made, err := FromArchive(t.Context(), AddOptions{Label: "our-spark", Root: root}, distributionOf(t, "mine"))
	if err != nil {
		t.Fatal(err)
	}
	digest := NewStore(StoreConfig{Roots: []string{root}}).packed(made, true)
	if next := NewStore(StoreConfig{Roots: []string{root}}).packed(made, false); len(digest) == 0 ||
		!bytes.Equal(next, digest) {
		t.Errorf("the next process knows %x of %x", next, digest)
	}
	if err := os.Mkdir(filepath.Join(made.Dir, s3Folder), 0o700); err != nil {
		t.Fatal(err)
	}
	if next := NewStore(StoreConfig{Roots: []string{root}}).packed(made, false); next != nil {
		t.Errorf("after a change it knows %x", next)
	}
}

// What cannot be had is not replaced by something else of the same label.
func TestStore_RefusesRatherThanUseAnotherContent(t *testing.T) {
	root := t.TempDir()
	options := AddOptions{Label: "our-spark", Root: root}
	if _, err := FromArchive(t.Context(), options, distributionOf(t, "mine")); err != nil {
		t.Fatal(err)
	}
	_, wanted := packedWith(t, "our-spark", "theirs")
	r, err := NewStore(StoreConfig{Roots: []string{root}}).Ensure(t.Context(), "our-spark", wanted)
	if !errs.Is(err, errs.NotFound) || !strings.Contains(err.Error(), hexOf(wanted)) {
		t.Errorf("got %+v, %v", r, err)
	}
	c := &cache{archives: map[string][]byte{}}
	c.archives[string(wanted)], _ = packedWith(t, "our-spark", "forged")
	s := NewStore(StoreConfig{Roots: []string{root}, Fetch: c.open})
	if r, err := s.Ensure(t.Context(), "our-spark", wanted); err == nil {
		t.Errorf("got %+v", r)
	}
}

// A damaged copy of the node's own does not keep a worker from the servers' whole one.
func TestStore_CopiesWhereItsOwnIsDamaged(t *testing.T) {
	c := &cache{archives: map[string][]byte{}}
	digest := c.variant(t, "our-spark", "whole")
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "our-spark"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "our-spark", manifestName), []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := NewStore(StoreConfig{Roots: []string{root}, Fetch: c.open})
	if r, err := s.Ensure(t.Context(), "our-spark", digest); err != nil || says(t, r) != "whole" {
		t.Errorf("got %+v, %v", r, err)
	}
}
