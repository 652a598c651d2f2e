// Package releases keeps the archives of releases on a server, by digest: agents fetch them from here, so that only one machine
// of a site needs to reach a registry. Every server gets every archive that the log names, from the server that has it.
//
//	<dir>/<sha256 in hex>            a complete and verified archive
//	<dir>/.incoming-*                one that is being received; removed when that fails
package releases

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
)

// maxIncoming bounds the archives that are received at once.
const maxIncoming = 2

// Fetch streams an archive from another server that has it.
type Fetch func(ctx context.Context, digest []byte) (io.ReadCloser, error)

// Cache is the archives of one server.
type Cache struct {
	dir      string
	fetch    Fetch
	incoming chan struct{} // holds a token per archive that is being received
}

// Open returns the cache in a directory, which it makes.
func Open(dir string, fetch Fetch) (*Cache, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("cannot make the release cache: %w", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".incoming-*"))
	if err != nil {
		return nil, err
	}
	for _, file := range left {
		if err := os.Remove(file); err != nil {
			return nil, fmt.Errorf("cannot clean the release cache: %w", err)
		}
	}
	return &Cache{dir: dir, fetch: fetch, incoming: make(chan struct{}, maxIncoming)}, nil
}

func (c *Cache) path(digest []byte) string { return filepath.Join(c.dir, hex.EncodeToString(digest)) }

// Has says whether the archive is here.
func (c *Cache) Has(digest []byte) bool {
	info, err := os.Stat(c.path(digest))
	return err == nil && info.Mode().IsRegular() // no digest at all would name the directory
}

// Store takes an archive of a known size. What is not exactly it is refused, and nothing of it stays.
func (c *Cache) Store(digest []byte, size int64, from io.Reader) (err error) {
	if c.Has(digest) {
		_, err := io.Copy(io.Discard, from)
		return err
	}
	select {
	case c.incoming <- struct{}{}:
		defer func() { <-c.incoming }()
	default:
		return errs.New(errs.Overloaded, "cannot take another archive: %d are being received; try again later", maxIncoming)
	}
	file, err := os.CreateTemp(c.dir, ".incoming-*")
	if err != nil {
		return fmt.Errorf("cannot store an archive: %w", err)
	}
	defer func() { err = errors.Join(err, discard(file)) }()
	if err := receive(file, digest, size, from); err != nil {
		return err
	}
	return os.Rename(file.Name(), c.path(digest))
}

// discard closes the file and removes it, unless it was renamed.
func discard(file *os.File) error {
	err := file.Close()
	if removed := os.Remove(file.Name()); removed != nil && !errors.Is(removed, os.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return err
}

func receive(file *os.File, digest []byte, size int64, from io.Reader) error {
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(file, hash), io.LimitReader(from, size+1))
	if err != nil {
		return fmt.Errorf("cannot store an archive: %w", err)
	}
	switch {
	case n > size:
		return errs.Field("size_bytes", "the archive has more than the %d bytes that were announced", size)
	case n < size:
		return errs.Field("size_bytes", "the archive has not the %d bytes that were announced, but %d", size, n)
	}
	if got := hash.Sum(nil); string(got) != string(digest) {
		return errs.Field("digest", "the archive has the SHA-256 %x, not %x", got, digest)
	}
	return file.Sync()
}

// Stream sends an archive from an offset on; while it is still on its way here from another server, the error is Unavailable.
func (c *Cache) Stream(digest []byte, offset int64, send func(part []byte) error) error {
	if len(digest) != sha256.Size {
		return errs.Field("digest", "a SHA-256 has %d bytes, not %d", sha256.Size, len(digest))
	}
	if !c.Has(digest) {
		return errs.New(errs.Unavailable, "this server has not yet the archive with the SHA-256 %x; try another one, or again", digest)
	}
	return c.StreamLocal(digest, offset, send)
}

// Bring fetches an archive of at most size bytes from another server.
func (c *Cache) Bring(ctx context.Context, digest []byte, size int64) error {
	from, err := c.fetch(ctx, digest)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	return c.Store(digest, size, from)
}

// StreamLocal sends an archive that is here from an offset on.
func (c *Cache) StreamLocal(digest []byte, offset int64, send func(part []byte) error) error {
	if !c.Has(digest) {
		return errs.New(errs.NotFound, "this server has no archive with the SHA-256 %x", digest)
	}
	file, err := os.Open(c.path(digest))
	if err != nil {
		return fmt.Errorf("cannot read an archive: %w", err)
	}
	defer func() { _ = file.Close() }()
	if _, err := file.Seek(offset, io.SeekStart); err != nil || offset < 0 {
		return errs.Field("offset", "cannot read from %d", offset)
	}
	return chunk.Send(file, chunk.Size, send)
}
