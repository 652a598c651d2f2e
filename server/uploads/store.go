package uploads

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

	"github.com/headrace/headrace/internal/atomicfile"
	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/upload"
)

// written says how files are made: what is acknowledged is on the disk.
var written = atomicfile.Options{Prefix: ".incoming-", Sync: true}

// Key names a file.
type Key struct {
	// User is whose it is.
	User string
	// Digest is the SHA-256 of what it holds.
	Digest [sha256.Size]byte
}

// name returns the file's path below the store's directory.
func (k Key) name() string { return filepath.Join(folderOf(k.User), hex.EncodeToString(k.Digest[:])) }

// folderOf returns the folder of a user, whose name may be no file's.
func folderOf(user string) string {
	sum := sha256.Sum256([]byte(user))
	return hex.EncodeToString(sum[:])
}

// Store is the files of one server. Its methods may be called by many goroutines.
type Store struct {
	dir    string
	bounds Bounds
	needed func() []Key

	mu       sync.Mutex       // held while room is made
	arriving map[string]int64 // what files that are being received will take, by their user's folder
}

// Open returns the store in a directory, which it makes. needed returns the files of job runs that are not over.
func Open(dir string, bounds Bounds, needed func() []Key) (*Store, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("cannot make the directory of uploaded files: %w", err)
	}
	s := &Store{
		dir:      dir,
		bounds:   bounds,
		needed:   needed,
		arriving: map[string]int64{},
	}
	users, err := os.ReadDir(dir)
	for _, user := range users {
		if !user.IsDir() {
			continue // none of ours
		}
		err = errors.Join(err, atomicfile.RemoveUnfinished(filepath.Join(dir, user.Name()), written))
		s.dropFolder(user.Name())
	}
	if err != nil {
		return nil, fmt.Errorf("cannot clean the directory of uploaded files: %w", err)
	}
	return s, nil
}

func (s *Store) path(k Key) string { return filepath.Join(s.dir, k.name()) }

// Has says whether a file is here.
func (s *Store) Has(k Key) bool {
	info, err := os.Stat(s.path(k))
	return err == nil && info.Mode().IsRegular()
}

// Use says whether a file is here, and notes that it is used: it stays for another while.
func (s *Store) Use(k Key) bool {
	s.mu.Lock() // nobody is removing it
	defer s.mu.Unlock()
	now := time.Now()
	return os.Chtimes(s.path(k), now, now) == nil
}

// Keep takes a file of a known size. If what comes is not exactly that file, it is refused, and nothing of it stays.
func (s *Store) Keep(k Key, size int64, from io.Reader) error {
	if size < 0 || size > upload.MaxBytes {
		return errs.Field("size_bytes", "cannot keep a file of %d bytes: the most is %d; "+
			"put it where nodes reach it, such as s3://", size, upload.MaxBytes)
	}
	free, err := s.reserve(k.User, size)
	if err != nil {
		return err
	}
	defer free()
	err = atomicfile.Write(s.path(k), written, func(file *os.File) error { return receive(file, k, size, from) })
	if err != nil && errs.KindOf(err) == errs.Internal {
		return fmt.Errorf("cannot keep an uploaded file: %w", err)
	}
	return err
}

// receive copies a file, and says what is wrong with it.
func receive(file io.Writer, k Key, size int64, from io.Reader) error {
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(file, hash), io.LimitReader(from, size+1))
	switch {
	case err != nil:
		return err
	case n != size:
		return errs.Field("size_bytes", "the file has not the %d bytes that were announced", size)
	}
	if got := hash.Sum(nil); string(got) != string(k.Digest[:]) {
		return errs.Field("digest", "the file has the SHA-256 %x, not %x", got, k.Digest)
	}
	return nil
}

// Stream sends a file that is here. While it is not here, the error is NotFound.
func (s *Store) Stream(k Key, send func(part []byte) error) error {
	file, err := os.Open(s.path(k))
	if errors.Is(err, fs.ErrNotExist) {
		return errs.New(errs.NotFound, "this server keeps no file of %s with the SHA-256 %x", k.User, k.Digest)
	}
	if err != nil {
		return fmt.Errorf("cannot read an uploaded file: %w", err)
	}
	defer func() { _ = file.Close() }()
	return chunk.Send(file, chunk.Size, send)
}
