package release

import (
	"context"
	"io"
	"os"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/internal/errs"
)

// What an archive may hold.
const (
	maxFiles = 200_000
	maxBytes = 16 << 30
	maxName  = 4096 // bytes
)

// Unpack unpacks a tar archive, plain or compressed with gzip, bzip2, xz or zstd, into a directory, which it makes. It
// refuses names and links that lead out of the directory, special files, and archives that are too large. A failed
// Unpack leaves what it wrote so far.
func Unpack(r io.Reader, dir string) error {
	return (&unpacker{layout: everything}).into(dir, func(u *unpacker) error { return u.tar(r) })
}

// UnpackFile unpacks a user's archive into a folder of a worker's, which it makes, with the worker's rights: zip, jar,
// or tar as Unpack. Links may lead anywhere, as those of a packed Python environment do; nothing is written through
// them. It writes at most the given number of bytes, returns how many it wrote, and ends when the context does. Its
// errors are Invalid and TooLarge when the archive is at fault.
func UnpackFile(ctx context.Context, archive *os.File, in *guest.Folder, name string, limit int64) (
	written int64, err error,
) {
	if limit = min(limit, maxBytes); limit <= 0 {
		return 0, errs.New(errs.TooLarge, "no room is left for what is in the archive")
	}
	u := &unpacker{layout: everything, anyLink: true, limit: limit, stopped: ctx.Err}
	err = in.Do(func(root *os.Root) error {
		if err := root.MkdirAll(name, 0o755); err != nil {
			return errs.New(errs.Unavailable, "cannot unpack the archive: %w", err)
		}
		to, err := root.OpenRoot(name)
		if err != nil {
			return errs.New(errs.Unavailable, "cannot unpack the archive: %w", err)
		}
		defer func() { _ = to.Close() }()
		u.root = to
		return u.archive(archive)
	})
	return u.written, err
}

// everything is the layout of an archive whose names say where its files go.
func everything(name string) string { return name }
