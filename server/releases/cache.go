package releases

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/headrace/headrace/internal/atomicfile"
	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
)

// maxIncoming bounds the archives that are received at once.
const maxIncoming = 2

// archives says how their files are made: an archive that agents are sent is on the disk.
var archives = atomicfile.Options{
	Prefix: ".incoming-",
	Sync:   true,
}

// Fetch streams an archive from another server that has it.
type Fetch func(ctx context.Context, digest []byte) (io.ReadCloser, error)

// Cache is the archives of one server. Its methods may be called by many goroutines.
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
	if err := atomicfile.RemoveUnfinished(dir, archives); err != nil {
		return nil, fmt.Errorf("cannot clean the release cache: %w", err)
	}
	return &Cache{
		dir:      dir,
		fetch:    fetch,
		incoming: make(chan struct{}, maxIncoming),
	}, nil
}

func (c *Cache) path(digest []byte) string {
	return filepath.Join(c.dir, hex.EncodeToString(digest))
}

// Has says whether the archive is here.
func (c *Cache) Has(digest []byte) bool {
	info, err := os.Stat(c.path(digest))
	return err == nil && info.Mode().IsRegular() // an empty digest would name the directory
}

// Store takes an archive of a known size. If what comes is not exactly that archive, it is refused, and nothing of it
// stays.
func (c *Cache) Store(digest []byte, size int64, from io.Reader) error {
	if c.Has(digest) {
		_, err := io.Copy(io.Discard, from)
		return err
	}
	select {
	case c.incoming <- struct{}{}:
		defer func() { <-c.incoming }()
	default:
		return errs.New(
			errs.Overloaded,
			"cannot take another archive: %d are being received; try again later",
			maxIncoming,
		)
	}
	err := atomicfile.Write(c.path(digest), archives, func(file *os.File) error {
		return receive(file, digest, size, from)
	})
	if err != nil && errs.KindOf(err) == errs.Internal {
		return fmt.Errorf("cannot store an archive: %w", err)
	}
	return err
}

// receive copies an archive into a file, and says what is wrong with it.
func receive(file io.Writer, digest []byte, size int64, from io.Reader) error {
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(file, hash), io.LimitReader(from, size+1))
	switch {
	case err != nil:
		return err
	case n > size:
		return errs.Field("size_bytes", "the archive has more than the %d bytes that were announced", size)
	case n < size:
		return errs.Field("size_bytes", "the archive has not the %d bytes that were announced, but %d", size, n)
	}
	if got := hash.Sum(nil); string(got) != string(digest) {
		return errs.Field("digest", "the archive has the SHA-256 %x, not %x", got, digest)
	}
	return nil
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

// Stream sends an archive from an offset on. While the archive is still on its way here from another server, the error
// is Unavailable.
func (c *Cache) Stream(digest []byte, offset int64, send func(part []byte) error) error {
	if len(digest) != sha256.Size {
		return errs.Field("digest", "a SHA-256 has %d bytes, not %d", sha256.Size, len(digest))
	}
	if !c.Has(digest) {
		return errs.New(
			errs.Unavailable,
			"this server has not yet the archive with the SHA-256 %x; try another one, or again",
			digest,
		)
	}
	return c.StreamLocal(digest, offset, send)
}

// StreamLocal sends an archive that is here from an offset on. While it is not here, the error is NotFound.
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
