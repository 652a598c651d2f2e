package release

import (
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
	return unpacker{place: everything}.tar(r, dir)
}

// UnpackFile unpacks a user's archive into a directory, which it makes: zip and jar by their names, else tar as Unpack. Links may
// lead anywhere, as those of a packed Python environment do; nothing is written through them.
func UnpackFile(archive, dir string) error {
	u := unpacker{place: everything, anyLink: true}
	switch strings.ToLower(filepath.Ext(archive)) {
	case ".zip", ".jar":
		return u.zip(archive, dir)
	}
	f, err := os.Open(archive)
	if err != nil {
		return errs.New(errs.NotFound, "cannot unpack the archive: %w", err)
	}
	defer func() { _ = f.Close() }()
	return u.tar(f, dir)
}

// everything places each file where its name says.
func everything(name string) string { return name }
