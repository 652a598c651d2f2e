package release

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/internal/errs"
)

// PackFolder writes what was unpacked into a folder of a worker's as a tar archive compressed with gzip, with the
// worker's rights. It writes at most the given number of bytes, returns how many it wrote, and ends when the context
// does. Nothing may change the folder meanwhile.
func PackFolder(ctx context.Context, in *guest.Folder, name string, to io.Writer, limit int64) (
	written int64, err error,
) {
	out := &bounded{to: to, limit: limit, stopped: ctx.Err}
	compressed, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if err != nil {
		return 0, errs.New(errs.Internal, "cannot pack %s: %w", name, err)
	}
	archive := tar.NewWriter(compressed)
	err = in.Do(func(root *os.Root) error {
		folder, err := root.OpenRoot(name)
		if err != nil {
			return err
		}
		defer func() { _ = folder.Close() }()
		return (&packer{root: folder, archive: archive}).all()
	})
	if err = errors.Join(err, archive.Close(), compressed.Close()); err == nil {
		return out.written, nil
	}
	if out.failed != nil { // the others follow from it
		err = out.failed
	}
	return out.written, errs.New(errs.KindOf(err), "cannot pack %s: %w", name, err)
}

// packer writes a folder to an archive.
type packer struct {
	root    *os.Root
	archive *tar.Writer
}

// all adds everything in the folder.
func (p *packer) all() error {
	return fs.WalkDir(p.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		return p.add(name, entry)
	})
}

// add adds one file, directory or link.
func (p *packer) add(name string, entry fs.DirEntry) error {
	switch entry.Type() {
	case fs.ModeDir:
		return p.archive.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o755})
	case fs.ModeSymlink:
		target, err := p.root.Readlink(name)
		if err != nil {
			return err
		}
		return p.archive.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777})
	}
	content, err := p.open(name)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	return addContent(p.archive, content, name)
}

// open opens a regular file, and nothing else: not what a link leads to that has come in its place, and no pipe, whose
// writer it would wait for.
func (p *packer) open(name string) (*os.File, error) {
	known, err := p.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !known.Mode().IsRegular() {
		return nil, errs.New(errs.Invalid, "cannot pack %q: %w", name, errNoFile)
	}
	file, err := p.root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !os.SameFile(known, info) { // a root follows links that stay in it
		err = errs.New(errs.Unavailable, "cannot pack %q: it was replaced meanwhile", name)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// bounded writes at most so many bytes, until somebody stops it.
type bounded struct {
	to      io.Writer
	limit   int64
	stopped func() error
	written int64
	failed  error // the first error
}

// Write writes, or says that there is no room.
func (b *bounded) Write(p []byte) (int, error) {
	if b.failed == nil {
		b.failed = stop(b.stopped)
	}
	if b.failed == nil && b.written+int64(len(p)) > b.limit {
		b.failed = errs.New(errs.TooLarge, "it takes more than the %d MiB that are left", b.limit>>20)
	}
	if b.failed != nil {
		return 0, b.failed
	}
	n, err := b.to.Write(p)
	b.written += int64(n)
	b.failed = err
	return n, err
}
