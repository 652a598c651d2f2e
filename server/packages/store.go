package packages

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
)

const (
	// maxArchive bounds an archive, in bytes.
	maxArchive = 2 << 30
	// maxIncoming bounds the archives that are received at once.
	maxIncoming = 4
	// incoming begins the names of archives that are being received.
	incoming = ".incoming-"
)

var validKey = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Fetch opens an archive on another server that has it. Its error is NotFound when none has.
type Fetch func(ctx context.Context, key string) (io.ReadCloser, error)

// Store is the archives of one server. Its methods may be called by many goroutines.
type Store struct {
	dir      string
	limit    int64 // bytes of all archives
	fetch    Fetch
	arriving chan struct{} // holds a token per archive that is being received
}

// Open returns the store in a directory, which it makes. All archives together are kept within limit bytes.
func Open(dir string, limit int64, fetch Fetch) (*Store, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("cannot make the store of packages: %w", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, incoming+"*"))
	if err != nil {
		return nil, err
	}
	for _, file := range left {
		if err := os.Remove(file); err != nil {
			return nil, fmt.Errorf("cannot clean the store of packages: %w", err)
		}
	}
	return &Store{dir: dir, limit: limit, fetch: fetch, arriving: make(chan struct{}, maxIncoming)}, nil
}

// Put keeps an archive, unless one of that key is here. Of an archive that is too large or broke off nothing stays.
func (s *Store) Put(key string, from io.Reader) (err error) {
	if !validKey.MatchString(key) {
		return errs.Field("key", "%q is no SHA-256 in hexadecimal", key)
	}
	if s.has(key) {
		return nil
	}
	select {
	case s.arriving <- struct{}{}:
		defer func() { <-s.arriving }()
	default:
		return errs.New(errs.Overloaded, "cannot take another archive of packages: %d are being received; try again later", maxIncoming)
	}
	file, err := os.CreateTemp(s.dir, incoming+"*")
	if err != nil {
		return fmt.Errorf("cannot store packages: %w", err)
	}
	defer func() {
		_ = file.Close()
		_ = os.Remove(file.Name()) // unless it was renamed
	}()
	if size, err := io.Copy(file, io.LimitReader(from, maxArchive+1)); err != nil {
		return fmt.Errorf("cannot store packages: %w", err)
	} else if size > maxArchive {
		return errs.New(errs.TooLarge, "cannot store packages of more than %d bytes", maxArchive)
	}
	if err := errors.Join(file.Sync(), os.Rename(file.Name(), s.path(key))); err != nil {
		return fmt.Errorf("cannot store packages: %w", err)
	}
	return s.sweep(key)
}

// Stream sends an archive, from another server if it is not here.
func (s *Store) Stream(ctx context.Context, key string, send func(part []byte) error) error {
	if err := s.StreamLocal(key, send); !errs.Is(err, errs.NotFound) {
		return err
	}
	from, err := s.fetch(ctx, key)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	if err := s.Put(key, from); err != nil {
		return err
	}
	return s.StreamLocal(key, send)
}

// StreamLocal sends an archive that is here.
func (s *Store) StreamLocal(key string, send func(part []byte) error) error {
	if !validKey.MatchString(key) {
		return errs.Field("key", "%q is no SHA-256 in hexadecimal", key)
	}
	file, err := os.Open(s.path(key))
	if errors.Is(err, os.ErrNotExist) {
		return errs.New(errs.NotFound, "this server has no packages with the key %s", key)
	}
	if err != nil {
		return fmt.Errorf("cannot read packages: %w", err)
	}
	defer func() { _ = file.Close() }()
	now := time.Now()
	_ = os.Chtimes(s.path(key), now, now) // it was asked for
	return chunk.Send(file, chunk.Size, send)
}

func (s *Store) path(key string) string { return filepath.Join(s.dir, key) }

func (s *Store) has(key string) bool {
	_, err := os.Stat(s.path(key))
	return err == nil
}

// sweep removes what was not asked for the longest, until all is within the limit. The newest stays.
func (s *Store) sweep(newest string) error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	var all []os.FileInfo
	var size int64
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && validKey.MatchString(entry.Name()) {
			all = append(all, info)
			size += info.Size()
		}
	}
	slices.SortFunc(all, func(a, b os.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, oldest := range all {
		if size <= s.limit {
			return nil
		}
		if oldest.Name() == newest {
			continue
		}
		if err := os.Remove(s.path(oldest.Name())); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		size -= oldest.Size()
	}
	return nil
}
