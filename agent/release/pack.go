package release

import (
	"archive/tar"
	"bufio"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"github.com/headrace/headrace/internal/errs"
)

// Pack writes a release's directory as a tar archive compressed with zstd. It returns the archive's SHA-256 and its
// size in bytes. The same directory gives the same archive: names are in order, times and owners are left out.
func Pack(dir string, w io.Writer) (digest []byte, size int64, err error) {
	counted := new(counter)
	hash := sha256.New()
	compressed, err := zstd.NewWriter(io.MultiWriter(w, hash, counted), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, 0, errs.New(errs.Internal, "cannot pack %s: %w", dir, err)
	}
	archive := tar.NewWriter(compressed)
	if err := errors.Join(add(archive, dir), archive.Close(), compressed.Close()); err != nil {
		return nil, 0, errs.New(errs.Unavailable, "cannot pack %s: %w", dir, err)
	}
	return hash.Sum(nil), int64(*counted), nil
}

// counter counts the bytes that are written to it.
type counter int64

// Write counts.
func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// add adds a directory's files in the order of their names.
func add(archive *tar.Writer, dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if entry.Type() == fs.ModeSymlink {
			target, err := os.Readlink(path)
			return errors.Join(err, archive.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target}))
		}
		return addFile(archive, path, name)
	})
}

// addFile adds one file.
func addFile(archive *tar.Writer, path, name string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return addContent(archive, f, name)
}

// addContent adds an open file.
func addContent(archive *tar.Writer, f *os.File, name string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	header := &tar.Header{
		Typeflag: tar.TypeReg,
		Name:     name,
		Size:     info.Size(),
		Mode:     int64(0o644 | info.Mode().Perm()&0o111),
	}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(archive, bufio.NewReaderSize(f, 1<<18))
	return err
}
