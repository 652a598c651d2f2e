package history

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/atomicfile"
	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/history/segment"
)

// written says how files are made: what the log names is on the disk.
var written = atomicfile.Options{Prefix: ".incoming-", Sync: true}

// The ends of names.
const (
	segmentEnd = ".parquet"
	indexEnd   = ".index"
)

// Store is the segments of one server. Its methods may be called by many goroutines.
type Store struct {
	dir string

	mu      sync.Mutex      // over damaged, and held while a segment is swept or touched
	damaged map[string]bool // segments whose copy here is not what its name says
}

// OpenStore returns the store in a directory, which it makes.
func OpenStore(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("cannot make the directory of the history: %w", err)
	}
	if err := atomicfile.RemoveUnfinished(dir, written); err != nil {
		return nil, fmt.Errorf("cannot clean the directory of the history: %w", err)
	}
	return &Store{dir: dir, damaged: map[string]bool{}}, nil
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name+segmentEnd) }

func (s *Store) indexPath(name string) string { return filepath.Join(s.dir, name+indexEnd) }

// Has says whether a segment is here, as far as its size tells, and what was read of it. A copy that is damaged does
// not count: another one comes in its place.
func (s *Store) Has(of *state.Segment) bool {
	info, err := os.Stat(s.path(of.Name()))
	return err == nil && info.Mode().IsRegular() && info.Size() == of.Bytes && !s.distrusted(of.Name())
}

// distrust notes that the copy of a segment is not what its name says.
func (s *Store) distrust(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.damaged[name] = true
}

func (s *Store) trust(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.damaged, name)
}

func (s *Store) distrusted(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.damaged[name]
}

// trustsAgain says whether a copy that was damaged is whole now, and trusts it then: it may have come while the damaged
// one was still being sent, or from an operator.
func (s *Store) trustsAgain(of *state.Segment) bool {
	if !s.distrusted(of.Name()) {
		return false
	}
	if whole, err := s.whole(of.Name()); err != nil || !whole {
		return false
	}
	s.trust(of.Name())
	return s.Has(of)
}

// touch says whether a segment is here, which then counts as having come just now.
func (s *Store) touch(of *state.Segment) bool {
	if !s.Has(of) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	return os.Chtimes(s.path(of.Name()), now, now) == nil
}

// Write makes a segment of runs of a view.
func (s *Store) Write(view *state.View, runs []*state.JobRun) (made state.Segment, err error) {
	file, err := os.CreateTemp(s.dir, written.Prefix+"*")
	if err != nil {
		return made, fmt.Errorf("cannot write a segment of the history: %w", err)
	}
	defer func() { err = errors.Join(err, gone(os.Remove(file.Name()))) }()
	hash := sha256.New()
	made, err = segment.Write(io.MultiWriter(file, hash), view, runs)
	if err == nil {
		err = file.Sync()
	}
	info, failed := file.Stat()
	if err = errors.Join(err, failed, file.Close()); err != nil {
		return made, fmt.Errorf("cannot write a segment of the history: %w", err)
	}
	made.Digest = hash.Sum(nil)
	made.Bytes = info.Size()
	return made, s.place(file.Name(), made.Name())
}

// place gives a file that is complete its name.
func (s *Store) place(file, name string) error {
	if err := os.Rename(file, s.path(name)); err != nil {
		return fmt.Errorf("cannot keep a segment of the history: %w", err)
	}
	s.trust(name)
	return atomicfile.SyncDir(s.dir)
}

// gone is no error if there was nothing to remove.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Keep takes a segment of a known size, in the place of a damaged copy if there is one. If what comes is not exactly
// that segment, it is refused, and nothing has changed.
func (s *Store) Keep(name string, size int64, from io.Reader) error {
	err := atomicfile.Write(s.path(name), written, func(file *os.File) error {
		hash := sha256.New()
		n, err := io.Copy(io.MultiWriter(file, hash), io.LimitReader(from, size+1))
		if err != nil {
			return err
		}
		if got := hex.EncodeToString(hash.Sum(nil)); n != size || got != name {
			return errs.New(errs.Unavailable, "what came for segment %s has %d bytes and the SHA-256 %s, and it should have %d",
				name, n, got, size)
		}
		return nil
	})
	if err != nil && errs.KindOf(err) == errs.Internal {
		return fmt.Errorf("cannot keep a segment of the history: %w", err)
	}
	if err == nil {
		s.trust(name)
	}
	return err
}

// Stream sends a segment that is here. While it is not here, the error is NotFound. What was sent is the segment only
// if there is no error: a copy that is damaged is noticed at its end.
func (s *Store) Stream(name string, send func(part []byte) error) error {
	file, err := os.Open(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return errs.New(errs.NotFound, "this server has no segment %s of the history", name)
	}
	if err != nil {
		return fmt.Errorf("cannot read a segment of the history: %w", err)
	}
	defer func() { _ = file.Close() }()
	hash := sha256.New()
	if err := chunk.Send(io.TeeReader(file, hash), chunk.Size, send); err != nil {
		return err
	}
	if hex.EncodeToString(hash.Sum(nil)) != name {
		s.distrust(name)
		return errs.New(errs.Unavailable,
			"this server's copy of segment %s of the history is damaged, and is brought anew; try again", name)
	}
	return nil
}

// openIndex opens the index of a segment that is here, which it makes if need be.
func (s *Store) openIndex(name string) (*segment.Index, error) {
	index, err := segment.OpenIndex(s.indexPath(name))
	if err == nil {
		return index, nil
	}
	if err := s.MakeIndex(name); err != nil {
		return nil, err
	}
	return segment.OpenIndex(s.indexPath(name))
}

// MakeIndex makes the index of a segment that is here, in the place of one that is there.
func (s *Store) MakeIndex(name string) (err error) {
	file, err := segment.Open(s.path(name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return atomicfile.Write(s.indexPath(name), written, func(to *os.File) error { return segment.WriteIndex(to, file) })
}

// hasIndex says whether the index of a segment is here.
func (s *Store) hasIndex(name string) bool {
	_, err := os.Stat(s.indexPath(name))
	return err == nil
}

// whole says whether a segment is here and what its name says. It reads all of it; the error is why it cannot.
func (s *Store) whole(name string) (is bool, err error) {
	file, err := os.Open(s.path(name))
	if err != nil {
		return false, gone(err)
	}
	defer func() { _ = file.Close() }()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return false, err
	}
	return hex.EncodeToString(hash.Sum(nil)) == name, nil
}
