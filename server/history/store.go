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
type Store struct{ dir string }

// OpenStore returns the store in a directory, which it makes.
func OpenStore(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("cannot make the directory of the history: %w", err)
	}
	if err := atomicfile.RemoveUnfinished(dir, written); err != nil {
		return nil, fmt.Errorf("cannot clean the directory of the history: %w", err)
	}
	return &Store{dir: dir}, nil
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name+segmentEnd) }

func (s *Store) indexPath(name string) string { return filepath.Join(s.dir, name+indexEnd) }

// Has says whether a segment is here.
func (s *Store) Has(name string) bool {
	info, err := os.Stat(s.path(name))
	return err == nil && info.Mode().IsRegular()
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
	return atomicfile.SyncDir(s.dir)
}

// gone is no error if there was nothing to remove.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Keep takes a segment of a known size. If what comes is not exactly that segment, it is refused, and nothing of it
// stays.
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
	return err
}

// Stream sends a segment that is here. While it is not here, the error is NotFound.
func (s *Store) Stream(name string, send func(part []byte) error) error {
	file, err := os.Open(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return errs.New(errs.NotFound, "this server has no segment %s of the history", name)
	}
	if err != nil {
		return fmt.Errorf("cannot read a segment of the history: %w", err)
	}
	defer func() { _ = file.Close() }()
	return chunk.Send(file, chunk.Size, send)
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

// MakeIndex makes the index of a segment that is here.
func (s *Store) MakeIndex(name string) (err error) {
	file, err := segment.Open(s.path(name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	options := written
	options.Sync = false // an index that is not whole is made again
	return atomicfile.Write(s.indexPath(name), options, func(to *os.File) error { return segment.WriteIndex(to, file) })
}

// hasIndex says whether the index of a segment is here.
func (s *Store) hasIndex(name string) bool {
	_, err := os.Stat(s.indexPath(name))
	return err == nil
}

// whole says whether a segment is what its name says. It reads all of it.
func (s *Store) whole(name string) bool {
	file, err := os.Open(s.path(name))
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	hash := sha256.New()
	_, err = io.Copy(hash, file)
	return err == nil && hex.EncodeToString(hash.Sum(nil)) == name
}

// remove removes a segment and its index.
func (s *Store) remove(name string) error {
	return errors.Join(s.removeIndex(name), gone(os.Remove(s.path(name))))
}

func (s *Store) removeIndex(name string) error { return gone(os.Remove(s.indexPath(name))) }
