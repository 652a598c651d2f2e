package release

import (
	"archive/tar"
	"errors"
	"io"
)

// tar unpacks a tar archive.
func (u *unpacker) tar(r io.Reader) error {
	plain, err := decompress(r)
	if err != nil {
		return noArchive(err)
	}
	defer func() { _ = plain.Close() }()
	return u.all(tar.NewReader(plain))
}

// all writes every file of an archive.
func (u *unpacker) all(archive *tar.Reader) error {
	for first := true; ; first = false {
		header, err := archive.Next()
		switch {
		case errors.Is(err, io.EOF) && !first:
			return nil
		case err != nil && first:
			return noArchive(err)
		case err != nil:
			return damaged(err)
		}
		to, err := u.where(header.Name)
		if err == nil && to != "" {
			err = u.one(header, archive, to)
		}
		if err != nil {
			return inEntry(header.Name, err)
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
	return errNoFile
}
