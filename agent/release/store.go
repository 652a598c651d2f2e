package release

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

// A broken copy from the servers' cache is taken up again where it broke, so often in all. The pauses before double:
// when a server dies, the copies of many nodes break at one moment.
const (
	fetchTries    = 5
	fetchPause    = 100 * time.Millisecond
	maxFetchPause = time.Second
)

// StoreConfig is what a Store needs.
type StoreConfig struct {
	// Roots are directories of releases, looked through in order. The first is the store's own: it writes and removes
	// there. The others may be shared with other machines and are only read. At least one.
	Roots []string
	// Fetch opens the archive of that SHA-256 in the servers' cache at an offset in bytes; nil: there is no such cache.
	Fetch func(ctx context.Context, digest []byte, offset int64) (io.ReadCloser, error)
	// Copying is told how far a release is copied from the cache; nil: nobody is told.
	Copying Copying
	// Limit is how much the first root may hold, in bytes, beside what is in use; 0: no limit.
	Limit int64
}

// Copying is told how far releases are copied from the servers' cache. Its methods are called often: they must not
// block.
type Copying interface {
	// SetCopy says how many bytes of an archive are here.
	SetCopy(label string, digest []byte, bytes int64)
	// EndCopy says that the release is complete, or is given up.
	EndCopy(digest []byte)
}

// Store gives an agent the releases that its workers run on. Its methods may be called by many goroutines.
type Store struct {
	config StoreConfig
	mu     sync.Mutex
	locks  map[string]chan struct{} // by folder: who has put a value in fetches it
	held   map[string]string        // by holder: the label that it uses

	// digests are those of what was fetched here, as far as they were needed; a release that gets s3/ is another one.
	digests map[Release][]byte
}

// NewStore returns a store.
func NewStore(config StoreConfig) *Store {
	return &Store{
		config:  config,
		locks:   map[string]chan struct{}{},
		held:    map[string]string{},
		digests: map[Release][]byte{},
	}
}

// Root returns the directory that the store writes to: the node's own.
func (s *Store) Root() string { return s.config.Roots[0] }

// Releases returns the releases that the machine holds, ordered by label; of a label there may be several, with
// different content.
func (s *Store) Releases() []Release { return copies(s.config.Roots) }

// Labels returns the labels that the machine holds, in order.
func (s *Store) Labels() []string {
	var labels []string
	for _, found := range List(s.config.Roots) {
		labels = append(labels, found.Label)
	}
	return labels
}

// Hold keeps a release from being removed until the holder, such as a worker's id, frees it. A holder holds one
// release.
func (s *Store) Hold(holder, label string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[holder] = label
}

// Free ends a hold; a holder that holds nothing is fine.
func (s *Store) Free(holder string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, holder)
}

// Ensure returns the release of that label. With a digest, the SHA-256 of its archive in the servers' cache, it is
// exactly the one in that archive, copied from there if the machine does not hold it: what the machine holds under the
// label may be another one, of before or of somebody else. Without a digest the servers have none, and it is what was
// fetched here. Of many callers at once, one copies and the others wait for it. Hold the label before, else the release
// may be removed again at any time.
func (s *Store) Ensure(ctx context.Context, label string, digest []byte) (Release, error) {
	if err := checkLabel(label); err != nil {
		return Release{}, err
	}
	if len(digest) == 0 {
		return s.fetched(label)
	}
	if found, ok := s.exact(label, digest, false); ok {
		return found, nil
	}
	lock := s.lockOf(folderOf(label, digest))
	select {
	case lock <- struct{}{}:
	case <-ctx.Done():
		return Release{}, errs.New(errs.Unavailable, "cannot wait for release %s: %w", label, ctx.Err())
	}
	defer func() { <-lock }()
	return s.bringExact(ctx, label, digest)
}

// fetched returns what was fetched on this machine.
func (s *Store) fetched(label string) (Release, error) {
	found, err := s.find(label)
	if errors.Is(err, fs.ErrNotExist) {
		return Release{}, errs.New(errs.NotFound,
			"cannot use release %s: neither this node nor the servers' cache holds it; "+
				"get it with: headrace release fetch %s", label, label)
	}
	return found, err
}

// find finds a release by its folder and notes that it was used.
func (s *Store) find(folder string) (Release, error) {
	found, err := findFolder(s.config.Roots, folder)
	if err != nil {
		return Release{}, err
	}
	return s.used(found), nil
}

// used notes that a release was used.
func (s *Store) used(found Release) Release {
	now := time.Now()
	_ = os.Chtimes(filepath.Join(found.Dir, manifestName), now, now) // a root that is only read is never cleaned
	return found
}

// lockOf returns the channel that lets one caller at a time copy into a folder.
func (s *Store) lockOf(folder string) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.locks[folder] == nil {
		s.locks[folder] = make(chan struct{}, 1)
	}
	return s.locks[folder]
}

// bringExact uses what is the same on this machine, or copies it from the servers' cache.
func (s *Store) bringExact(ctx context.Context, label string, digest []byte) (Release, error) {
	if found, ok := s.exact(label, digest, true); ok {
		return found, nil
	}
	if s.config.Fetch == nil {
		return Release{}, errs.New(errs.NotFound,
			"cannot use release %s: this node does not hold the one of the servers' cache (SHA-256 %x), "+
				"and fetches from no cache", label, digest)
	}
	stage, err := openStage(ctx, s.config.Roots[0], label, folderOf(label, digest))
	if err != nil {
		return Release{}, err
	}
	defer stage.close()
	if found, ok := s.exact(label, digest, false); ok { // another process was faster
		return found, nil
	}
	return s.copy(ctx, stage, digest)
}

// copy brings a release from the servers' cache.
func (s *Store) copy(ctx context.Context, stage *stage, digest []byte) (Release, error) {
	archive := hex.EncodeToString(digest) + ".archive"
	if err := stage.clean(archive); err != nil {
		return Release{}, errs.New(errs.Unavailable, "cannot clean the release cache: %w", err)
	}
	if s.config.Copying != nil {
		s.config.Copying.SetCopy(stage.label, digest, 0)
		defer s.config.Copying.EndCopy(digest)
	}
	if err := s.bring(ctx, stage, archive, digest); err != nil {
		return Release{}, err
	}
	made, err := s.install(stage, stage.path(archive))
	if err == nil {
		s.shrink(made)
	}
	return made, err
}
