package release

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/headrace/headrace/internal/errs"
)

// What an archive may hold.
const (
	maxFiles = 200_000
	maxBytes = 16 << 30
)

// Unpack unpacks a tar archive, plain or compressed with gzip or zstd, into a directory, which it makes. It refuses names and
// links that lead out of the directory, special files, and archives that are too large. A failed Unpack leaves what it wrote so
// far.
func Unpack(r io.Reader, dir string) error {
	return (&unpacker{place: everything}).tar(r, dir)
}

// UnpackFile unpacks a user's archive into a directory, which it makes: zip and jar by their names, else tar as Unpack. Links may
// lead anywhere, as those of a packed Python environment do; nothing is written through them. It writes at most the given number
// of bytes, returns how many it wrote, and ends between two files when the context does.
func UnpackFile(ctx context.Context, archive, dir string, most int64) (written int64, err error) {
	if most = min(most, maxBytes); most <= 0 {
		return 0, errs.New(errs.TooLarge, "no room is left for what is in the archive")
	}
	u := &unpacker{place: everything, anyLink: true, most: most, stopped: ctx.Err}
	switch strings.ToLower(filepath.Ext(archive)) {
	case ".zip", ".jar":
		err = u.zip(archive, dir)
		return u.written, err
	}
	f, err := os.Open(archive)
	if err != nil {
		return 0, errs.New(errs.NotFound, "cannot unpack the archive: %w", err)
	}
	defer func() { _ = f.Close() }()
	err = u.tar(f, dir)
	return u.written, err
}

// everything places each file where its name says.
func everything(name string) string { return name }
