package release

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

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

// archive unpacks an archive of any kind.
func (u *unpacker) archive(file *os.File) error {
	form, err := formOfFile(file)
	if err != nil {
		return err
	}
	if form == formZip || form == formUnknown && namedZip(file.Name()) {
		return u.zip(file)
	}
	return u.tar(file)
}

// next counts a file; it refuses one too many, and every one once it is stopped.
func (u *unpacker) next() error {
	if err := stop(u.stopped); err != nil {
		return err
	}
	if u.files++; u.files > maxFiles {
		return errs.New(errs.TooLarge, "more than %d files", maxFiles)
	}
	return nil
}

// stop says whether somebody stops the unpacking.
func stop(stopped func() error) error {
	if stopped == nil || stopped() == nil {
		return nil
	}
	return errs.New(errs.Unavailable, "stopped: %w", stopped())
}

// watched is the content of a file in an archive, which ends where somebody stops it, or where it is damaged.
type watched struct {
	content io.Reader
	stopped func() error
}

// Read reads.
func (w *watched) Read(p []byte) (int, error) {
	if err := stop(w.stopped); err != nil {
		return 0, err
	}
	n, err := w.content.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = damaged(err)
	}
	return n, err
}

// where returns where a file of an archive goes; it refuses names that lead out.
func (u *unpacker) where(name string) (string, error) {
	clean := path.Clean(name)
	if !filepath.IsLocal(clean) {
		return "", errs.New(errs.Invalid, "the name leads out of the archive")
	}
	if len(clean) > maxName {
		return "", errs.New(errs.Invalid, "the name has more than %d bytes", maxName)
	}
	return u.layout(clean), nil
}

// errNoFile says that an archive has something that no archive should bring.
var errNoFile = errs.New(errs.Invalid, "it is neither file, directory nor link")

// inEntry says which file of an archive an error is about. What the kernel did not refuse is the archive's fault, such
// as a name behind a link that leads out.
func inEntry(name string, err error) error {
	kind := errs.KindOf(err)
	if !errors.As(err, new(syscall.Errno)) && kind == errs.Internal {
		kind = errs.Invalid
	}
	return errs.New(kind, "cannot unpack %q: %w", name, err)
}

// room makes the folder of a file, and room for it: the last one of a name counts.
func (u *unpacker) room(to string) error {
	if err := u.root.MkdirAll(path.Dir(to), 0o755); err != nil {
		return err
	}
	if info, err := u.root.Lstat(to); err != nil || info.IsDir() {
		return nil //nolint:nilerr // nothing is there, or what follows says why it cannot be
	}
	return u.root.Remove(to)
}

// hardLink gives a file of the archive a second name.
func (u *unpacker) hardLink(to, target string) error {
	from, err := u.where(target)
	if err != nil {
		return err
	}
	if err := u.room(to); err != nil {
		return err
	}
	return u.root.Link(from, to)
}

// file writes a file, executable if it was.
func (u *unpacker) file(to string, mode fs.FileMode, content io.Reader) error {
	if err := u.room(to); err != nil {
		return err
	}
	f, err := u.root.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644|mode.Perm()&0o111)
	if err != nil {
		return err
	}
	limit := cmp.Or(u.limit, maxBytes)
	n, err := io.Copy(f, io.LimitReader(&watched{content, u.stopped}, limit-u.written+1))
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
	if err := u.room(to); err != nil {
		return err
	}
	return u.root.Symlink(target, to)
}
