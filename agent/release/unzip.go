package release

import (
	"archive/zip"
	"io"
	"io/fs"
	"math"
	"os"

	"github.com/headrace/headrace/internal/errs"
)

const (
	// maxDirectory bounds a zip's list of its files, in bytes: it is in memory as a whole.
	maxDirectory = 32 << 20
	// maxTarget is how long a link's target may be, in bytes: as long as a path.
	maxTarget = 4096
	// encrypted is the sign of a file for which one needs a password.
	encrypted = 1
)

// zip unpacks a zip archive.
func (u *unpacker) zip(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return errs.New(errs.Unavailable, "cannot unpack the archive: %w", err)
	}
	content := &rationed{file: file, left: maxDirectory}
	z, err := zip.NewReader(content, info.Size())
	if errs.Is(err, errs.TooLarge) {
		return err
	}
	if err != nil {
		return noArchive(err)
	}
	content.left = math.MaxInt64
	for _, member := range z.File {
		to, err := u.where(member.Name)
		if err == nil && to != "" {
			err = u.member(member, to)
		}
		if err != nil {
			return inEntry(member.Name, err)
		}
	}
	return nil
}

// member writes one file, directory or link of a zip archive.
func (u *unpacker) member(member *zip.File, to string) error {
	if err := u.next(); err != nil {
		return err
	}
	mode := member.Mode()
	if mode.IsDir() {
		return u.root.MkdirAll(to, 0o755)
	}
	if member.Flags&encrypted != 0 {
		return errs.New(errs.Invalid, "it is encrypted; pack it without a password")
	}
	content, err := member.Open()
	if err != nil {
		return damaged(err)
	}
	defer func() { _ = content.Close() }()
	switch {
	case mode.IsRegular():
		return u.file(to, mode, content)
	case mode.Type() == fs.ModeSymlink:
		return u.linkOf(to, content)
	}
	return errNoFile
}

// linkOf makes a symbolic link to what is read.
func (u *unpacker) linkOf(to string, content io.Reader) error {
	target, err := io.ReadAll(io.LimitReader(content, maxTarget+1))
	if err != nil {
		return damaged(err)
	}
	if len(target) > maxTarget {
		return errs.New(errs.Invalid, "the target of the link has more than %d bytes", maxTarget)
	}
	return u.link(to, string(target))
}

// rationed reads a file, and no more of it than so many bytes.
type rationed struct {
	file *os.File
	left int64
}

// ReadAt reads, or says that it was enough.
func (r *rationed) ReadAt(p []byte, at int64) (int, error) {
	if r.left -= int64(len(p)); r.left < 0 {
		return 0, errs.New(errs.TooLarge, "its list of files has more than %d MiB", maxDirectory>>20)
	}
	return r.file.ReadAt(p, at)
}
