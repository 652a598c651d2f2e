package guest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
)

// Folder is a folder of a worker. Names are paths below it; none leads out of it, whatever links lie there. Its methods
// may be called by many goroutines. In a nil Folder, which homes without files have, every step fails.
type Folder struct {
	user *User
	root *os.Root
}

// errNoFiles says that a worker has no folder.
var errNoFiles = errors.New("the worker's home has no files")

// Folder opens a folder that the agent made for the user, where nobody else can have put another one: the way to it may
// be closed to the user. The caller closes it.
func (u *User) Folder(path string) (*Folder, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return &Folder{user: u, root: root}, nil
}

// Close closes the folder; files that were opened in it stay open.
func (f *Folder) Close() error { return f.root.Close() }

// Path returns where the folder is.
func (f *Folder) Path() string { return f.root.Name() }

// Do calls do with the worker's rights. See User.Do.
func (f *Folder) Do(do func(root *os.Root) error) error {
	if f == nil {
		return errNoFiles
	}
	return f.user.Do(func() error { return do(f.root) })
}

// Open opens a file for reading. It refuses what is no regular file. The caller closes it.
func (f *Folder) Open(name string) (file *os.File, err error) {
	err = f.Do(func(root *os.Root) error {
		file, err = regular(root.OpenFile(name, reading, 0))
		return err
	})
	return file, err
}

// ReadFile reads a file of at most so many bytes.
func (f *Folder) ReadFile(name string, maxBytes int64) ([]byte, error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, maxBytes+1))
	if err == nil && int64(len(content)) > maxBytes {
		err = fmt.Errorf("cannot read %s: it has more than %d bytes", name, maxBytes)
	}
	return content, err
}

// Create makes a file, and the folders above it, instead of what has its name. The caller closes it.
func (f *Folder) Create(name string, mode fs.FileMode) (file *os.File, err error) {
	err = f.Do(func(root *os.Root) error {
		if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
			return err
		}
		if err := root.RemoveAll(name); err != nil {
			return err
		}
		file, err = root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
		return err
	})
	return file, err
}

// WriteFile makes a file as Create does.
func (f *Folder) WriteFile(name string, content []byte, mode fs.FileMode) error {
	file, err := f.Create(name, mode)
	if err != nil {
		return err
	}
	if _, err := file.Write(content); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}

// MkdirAll makes folders, with those above them, for their owner only.
func (f *Folder) MkdirAll(names ...string) error {
	return f.Do(func(root *os.Root) error {
		for _, name := range names {
			if err := root.MkdirAll(name, 0o700); err != nil {
				return err
			}
		}
		return nil
	})
}

// Stat returns what is known of a file. It follows links that stay in the folder.
func (f *Folder) Stat(name string) (info fs.FileInfo, err error) {
	err = f.Do(func(root *os.Root) error {
		info, err = root.Stat(name)
		return err
	})
	return info, err
}

// Readlink returns where a link leads to.
func (f *Folder) Readlink(name string) (target string, err error) {
	err = f.Do(func(root *os.Root) error {
		target, err = root.Readlink(name)
		return err
	})
	return target, err
}

// Names returns the names in the folder, in order.
func (f *Folder) Names() (names []string, err error) {
	err = f.Do(func(root *os.Root) error {
		entries, err := fs.ReadDir(root.FS(), ".")
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
		return err
	})
	return names, err
}

// RemoveAll removes a file, or a folder with all that is in it.
func (f *Folder) RemoveAll(name string) error {
	return f.Do(func(root *os.Root) error { return root.RemoveAll(name) })
}

// Walk calls visit for everything below the folder, in order, as fs.WalkDir does, with the worker's rights. It reads a
// folder whole before it visits what is in it; see WalkFrom for a folder that a program fills.
func (f *Folder) Walk(visit fs.WalkDirFunc) error {
	return f.Do(func(root *os.Root) error { return fs.WalkDir(root.FS(), ".", visit) })
}
