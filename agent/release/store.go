package release

import (
	"context"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

// fetchTries bounds how often a broken copy from the servers' cache is taken up again where it broke.
const fetchTries = 5

// StoreConfig is what a Store needs.
type StoreConfig struct {
	// Roots are directories of releases, looked through in order. The first is the store's own: it writes and removes there. The
	// others may be shared with other machines and are only read. At least one.
	Roots []string
	// Fetch opens the archive of that SHA-256 in the servers' cache at an offset in bytes; nil: there is no such cache.
	Fetch func(ctx context.Context, digest []byte, offset int64) (io.ReadCloser, error)
	// Limit is how much the first root may hold, in bytes, beside what is in use; 0: no limit.
	Limit int64
}

// Store gives an agent the releases that its workers run on. Its methods may be called by many goroutines.
type Store struct {
	config StoreConfig
	mu     sync.Mutex
	turns  map[string]chan struct{} // by label: who has put a value in fetches it
	held   map[string]string        // by holder: the label that it uses
}

// NewStore returns a store.
func NewStore(config StoreConfig) *Store {
	return &Store{config: config, turns: map[string]chan struct{}{}, held: map[string]string{}}
}

// Root returns the directory that the store writes to: the node's own.
func (s *Store) Root() string { return s.config.Roots[0] }

// Releases returns the releases that the machine holds, ordered by label.
func (s *Store) Releases() []Release { return List(s.config.Roots) }

// Labels returns the labels that the machine holds, in order.
func (s *Store) Labels() []string {
	var labels []string
	for _, found := range s.Releases() {
		labels = append(labels, found.Label)
	}
	return labels
}

// Hold keeps a release from being removed until the holder, such as a worker's id, frees it. A holder holds one release.
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

// Ensure returns the release of that label, copied from the servers' cache if the machine does not hold it. Of many callers at
// once, one copies and the others wait for it. The digest is the SHA-256 of the cache's archive, empty if it is not there. Hold
// the label before, else the release may be removed again at any time.
func (s *Store) Ensure(ctx context.Context, label string, digest []byte) (Release, error) {
	found, err := s.find(label)
	if err == nil || !errs.Is(err, errs.NotFound) {
		return found, err
	}
	if s.config.Fetch == nil || len(digest) == 0 {
		return Release{}, errs.New(errs.NotFound, "cannot use release %s: neither this node nor the servers' cache holds it; "+
			"get it with: headrace release fetch %s", label, label)
	}
	turn := s.turn(label)
	select {
	case turn <- struct{}{}:
	case <-ctx.Done():
		return Release{}, errs.New(errs.Unavailable, "cannot wait for release %s: %w", label, ctx.Err())
	}
	defer func() { <-turn }()
	return s.copy(ctx, label, digest)
}

// find finds a release and notes that it was used.
func (s *Store) find(label string) (Release, error) {
	found, err := Find(s.config.Roots, label)
	if err == nil {
		now := time.Now()
		_ = os.Chtimes(filepath.Join(found.Dir, manifestName), now, now) // a root that is only read is never cleaned
	}
	return found, err
}

// turn returns the channel that lets one caller at a time copy a label.
func (s *Store) turn(label string) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turns[label] == nil {
		s.turns[label] = make(chan struct{}, 1)
	}
	return s.turns[label]
}

// copy brings a release from the servers' cache unless somebody did in the meantime.
func (s *Store) copy(ctx context.Context, label string, digest []byte) (Release, error) {
	stage, err := openStage(ctx, s.config.Roots[0], label)
	if err != nil {
		return Release{}, err
	}
	defer stage.close()
	if found, err := s.find(label); err == nil {
		return found, nil
	}
	archive := hex.EncodeToString(digest) + ".archive"
	if err := stage.clean(archive); err != nil {
		return Release{}, errs.New(errs.Unavailable, "cannot clean the release cache: %w", err)
	}
	if err := s.bring(ctx, stage.path(archive), digest); err != nil {
		return Release{}, err
	}
	made, err := s.install(stage, stage.path(archive))
	if err == nil {
		s.shrink(label)
	}
	return made, err
}
