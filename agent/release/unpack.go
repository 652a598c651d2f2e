package release

import (
	"archive/tar"
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/headrace/headrace/internal/errs"
)

// What an archive may hold.
const (
	maxFiles = 200_000
	maxBytes = 16 << 30
)

// Unpack unpacks a tar archive, plain or compressed with gzip or zstd, into a directory, which it makes. It refuses names and links
// that lead out of the directory, special files, and archives that are too large. A failed Unpack leaves what it wrote so far.
func Unpack(r io.Reader, dir string) error {
	return unpack(r, dir, func(name string) string { return name })
}

// unpack unpacks an archive; place says where in the directory a file of the archive goes, empty for nowhere.
func unpack(r io.Reader, dir string, place func(name string) string) error {
	plain, err := decompress(r)
	if err != nil {
		return errs.New(errs.Invalid, "cannot unpack the archive: %w", err)
	}
	defer func() { _ = plain.Close() }()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return errs.New(errs.Unavailable, "cannot unpack the archive: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return errs.New(errs.Unavailable, "cannot unpack the archive: %w", err)
	}
	defer func() { _ = root.Close() }()
	u := unpacker{root: root, files: maxFiles, bytes: maxBytes}
	return u.all(tar.NewReader(plain), place)
}

// decompress recognises the compression by the first bytes.
func decompress(r io.Reader) (io.ReadCloser, error) {
	buffered := bufio.NewReaderSize(r, 1<<20)
	magic, err := buffered.Peek(4)
	if err != nil {
		return nil, err
	}
	switch {
	case magic[0] == 0x1f && magic[1] == 0x8b:
		return gzip.NewReader(buffered)
	case string(magic) == "\x28\xb5\x2f\xfd":
		decoder, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		return decoder.IOReadCloser(), nil
	}
	return io.NopCloser(buffered), nil
}

// unpacker writes files below a root that nothing can leave, and counts down what it may still write.
type unpacker struct {
	root  *os.Root
	files int
	bytes int64
}

// all writes every file of an archive.
func (u *unpacker) all(archive *tar.Reader, place func(string) string) error {
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errs.New(errs.Invalid, "cannot unpack the archive: %w", err)
		}
		name := path.Clean(header.Name)
		if !filepath.IsLocal(name) {
			return errs.New(errs.Invalid, "cannot unpack the archive: the name %q leads out of it", header.Name)
		}
		if to := place(name); to != "" {
			if err := u.one(header, archive, to); err != nil {
				return err
			}
		}
	}
}

// one writes one file, directory or link.
func (u *unpacker) one(header *tar.Header, content io.Reader, to string) error {
	if u.files--; u.files < 0 {
		return errs.New(errs.TooLarge, "cannot unpack the archive: more than %d files", maxFiles)
	}
	var err error
	switch header.Typeflag {
	case tar.TypeDir:
		err = u.root.MkdirAll(to, 0o755)
	case tar.TypeReg:
		err = u.file(to, header.FileInfo().Mode(), content)
	case tar.TypeSymlink:
		err = u.link(to, header.Linkname)
	case tar.TypeXGlobalHeader:
	default:
		err = errs.New(errs.Invalid, "it is neither file, directory nor symbolic link")
	}
	if err != nil {
		return errs.New(errs.KindOf(err), "cannot unpack %q: %w", header.Name, err)
	}
	return nil
}

// file writes a file, executable if it was.
func (u *unpacker) file(to string, mode fs.FileMode, content io.Reader) error {
	if err := u.root.MkdirAll(path.Dir(to), 0o755); err != nil {
		return err
	}
	f, err := u.root.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644|mode.Perm()&0o111)
	if err != nil {
		return err
	}
	n, err := io.Copy(f, io.LimitReader(content, u.bytes+1))
	if u.bytes -= n; err == nil && u.bytes < 0 {
		err = errs.New(errs.TooLarge, "more than %d GiB in all", maxBytes>>30)
	}
	return errors.Join(err, f.Close())
}

// link makes a symbolic link that stays inside.
func (u *unpacker) link(to, target string) error {
	if path.IsAbs(target) || !filepath.IsLocal(path.Join(path.Dir(to), target)) {
		return errs.New(errs.Invalid, "the link to %q leads out of the archive", target)
	}
	if err := u.root.MkdirAll(path.Dir(to), 0o755); err != nil {
		return err
	}
	return u.root.Symlink(target, to)
}
