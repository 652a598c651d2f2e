package release

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/headrace/headrace/internal/errs"
)

// unpacker writes files below a root that nothing can leave, and counts what it writes. It serves one archive.
type unpacker struct {
	layout  func(name string) string // where in the directory a file of the archive goes; empty: nowhere
	anyLink bool                     // links may lead out of the directory
	limit   int64                    // bytes that it may write; 0: maxBytes
	stopped func() error             // nil: nothing stops it
	root    *os.Root
	files   int
	written int64 // bytes
}

// into makes the directory that is written to, and lets unpack write there.
func (u *unpacker) into(dir string, unpack func(*unpacker) error) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return errs.New(errs.Unavailable, "cannot unpack the archive: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return errs.New(errs.Unavailable, "cannot unpack the archive: %w", err)
	}
	defer func() { _ = root.Close() }()
	u.root = root
	return unpack(u)
}

// fileInto unpacks an archive that was fetched into a directory, which it makes.
func (u *unpacker) fileInto(path, dir string) error {
	file, err := os.Open(path)
	if err != nil {
		return errs.New(errs.Unavailable, "cannot unpack the archive: %w", err)
	}
	defer func() { _ = file.Close() }()
	return u.into(dir, func(u *unpacker) error { return u.archive(file) })
}

// archive unpacks an archive of either kind, by its name.
func (u *unpacker) archive(file *os.File) error {
	switch strings.ToLower(filepath.Ext(file.Name())) {
	case ".zip", ".jar", ".whl":
		return u.zip(file)
	}
	return u.tar(file)
}

// tar unpacks a tar archive.
func (u *unpacker) tar(r io.Reader) error {
	plain, err := decompress(r)
	if err != nil {
		return errs.New(errs.Invalid, "cannot unpack the archive: %w", err)
	}
	defer func() { _ = plain.Close() }()
	return u.all(tar.NewReader(plain))
}

// zip unpacks a zip archive; what is neither file nor directory is left out.
func (u *unpacker) zip(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return errs.New(errs.Unavailable, "cannot unpack the archive: %w", err)
	}
	z, err := zip.NewReader(file, info.Size())
	if err != nil {
		return errs.New(errs.Invalid, "cannot unpack the archive: %w", err)
	}
	for _, member := range z.File {
		to, err := u.where(member.Name)
		if err == nil && to != "" && member.Mode().IsRegular() {
			err = u.member(member, to)
		}
		if err != nil {
			return errs.New(errs.KindOf(err), "cannot unpack %q: %w", member.Name, err)
		}
	}
	return nil
}

// next counts a file; it refuses one too many, and every one once it is stopped.
func (u *unpacker) next() error {
	if u.stopped != nil && u.stopped() != nil {
		return errs.New(errs.Unavailable, "stopped: %w", u.stopped())
	}
	if u.files++; u.files > maxFiles {
		return errs.New(errs.TooLarge, "more than %d files", maxFiles)
	}
	return nil
}

// member writes one file of a zip archive.
func (u *unpacker) member(member *zip.File, to string) error {
	if err := u.next(); err != nil {
		return err
	}
	content, err := member.Open()
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	return u.file(to, member.Mode(), content)
}

// where returns where a file of an archive goes; it refuses names that lead out.
func (u *unpacker) where(name string) (string, error) {
	clean := path.Clean(name)
	if !filepath.IsLocal(clean) {
		return "", errs.New(errs.Invalid, "the name leads out of the archive")
	}
	return u.layout(clean), nil
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

// all writes every file of an archive.
func (u *unpacker) all(archive *tar.Reader) error {
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errs.New(errs.Invalid, "cannot unpack the archive: %w", err)
		}
		to, err := u.where(header.Name)
		if err == nil && to != "" {
			err = u.one(header, archive, to)
		}
		if err != nil {
			return errs.New(errs.KindOf(err), "cannot unpack %q: %w", header.Name, err)
		}
	}
}

// one writes one file, directory or link.
func (u *unpacker) one(header *tar.Header, content io.Reader, to string) error {
	if err := u.next(); err != nil {
		return err
	}
	switch header.Typeflag {
	case tar.TypeDir:
		return u.root.MkdirAll(to, 0o755)
	case tar.TypeReg:
		return u.file(to, header.FileInfo().Mode(), content)
	case tar.TypeSymlink:
		return u.link(to, header.Linkname)
	case tar.TypeLink:
		return u.hardLink(to, header.Linkname)
	case tar.TypeXGlobalHeader:
		return nil
	}
	return errs.New(errs.Invalid, "it is neither file, directory nor link")
}

// hardLink gives a file of the archive a second name.
func (u *unpacker) hardLink(to, target string) error {
	from, err := u.where(target)
	if err != nil {
		return err
	}
	if err := u.root.MkdirAll(path.Dir(to), 0o755); err != nil {
		return err
	}
	return u.root.Link(from, to)
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
	limit := cmp.Or(u.limit, maxBytes)
	n, err := io.Copy(f, io.LimitReader(content, limit-u.written+1))
	if u.written += n; err == nil && u.written > limit {
		err = errs.New(errs.TooLarge, "more than %d MiB in all", limit>>20)
	}
	return errors.Join(err, f.Close())
}

// link makes a symbolic link, that stays inside if it must.
func (u *unpacker) link(to, target string) error {
	if !u.anyLink && (path.IsAbs(target) || !filepath.IsLocal(path.Join(path.Dir(to), target))) {
		return errs.New(errs.Invalid, "the link to %q leads out of the archive", target)
	}
	if err := u.root.MkdirAll(path.Dir(to), 0o755); err != nil {
		return err
	}
	return u.root.Symlink(target, to)
}
