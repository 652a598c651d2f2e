package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// DefaultPrefix begins the names of unfinished files, unless Options say otherwise.
const DefaultPrefix = ".new-"

// Options say how a file is made. The zero value makes a file of mode 0600, which replaces what has its name.
type Options struct {
	// Prefix begins the names of unfinished files; empty: DefaultPrefix. What reads the directory has to leave them
	// out.
	Prefix string
	// Mode is the file's mode, whatever the umask is; 0: 0600.
	Mode fs.FileMode
	// Sync has the content on the disk before the file takes its name, so that after a power cut a name never stands
	// for less, and the name before Write returns, so that it stands for no more than that.
	Sync bool
	// Exclusive replaces nothing: the error is fs.ErrExist if the name is taken. Of many that make one name at once,
	// one succeeds.
	Exclusive bool
}

// Write makes the file at path with what fill writes. It calls fill once, with an empty file at its beginning, which
// fill does not close. Unless fill returns nil, nothing has changed, and Write returns its error as it is. With Sync an
// error may mean that nobody knows whether the disk has the name; the file has it all the same.
func Write(path string, options Options, fill func(file *os.File) error) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), options.prefix()+"*")
	if err != nil {
		return err
	}
	placed := false
	defer func() {
		if !placed {
			_ = file.Close() // for the second time, unless fill failed or panicked
			err = joined(err, os.Remove(file.Name()))
		}
	}()
	if err := options.finish(file, fill); err != nil {
		return err
	}
	if options.Exclusive {
		err = os.Link(file.Name(), path) // the file's other name is removed
	} else {
		err = os.Rename(file.Name(), path)
		placed = err == nil
	}
	if err == nil && options.Sync {
		err = SyncDir(filepath.Dir(path))
	}
	return err
}

// SyncDir has the names in a directory on the disk. File systems that cannot do that for a directory, as some of a
// network, promise nothing.
func SyncDir(dir string) error {
	opened, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = opened.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, opened.Close())
}

// WriteBytes makes the file at path with that content; see Write.
func WriteBytes(path string, options Options, content []byte) error {
	return Write(path, options, func(file *os.File) error {
		_, err := file.Write(content)
		return err
	})
}

// RemoveUnfinished removes the files in a directory that processes which died have left unfinished. Nobody may make
// files with the same options there meanwhile.
func RemoveUnfinished(dir string, options Options) error {
	return removeUnfinished(dir, options, func(fs.FileInfo) bool { return true })
}

// RemoveUnfinishedBefore is RemoveUnfinished for files that nobody has written to since a time, where others may be
// making some.
func RemoveUnfinishedBefore(dir string, options Options, before time.Time) error {
	return removeUnfinished(dir, options, func(info fs.FileInfo) bool { return info.ModTime().Before(before) })
}

func removeUnfinished(dir string, options Options, goes func(fs.FileInfo) bool) error {
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), options.prefix()) || !entry.Type().IsRegular() {
			continue
		}
		info, failed := entry.Info()
		if failed == nil && goes(info) {
			failed = os.Remove(filepath.Join(dir, entry.Name()))
		}
		err = joined(err, failed)
	}
	return err
}

// finish fills and closes the file.
func (o Options) finish(file *os.File, fill func(*os.File) error) error {
	if err := fill(file); err != nil {
		return err
	}
	if o.Mode != 0 {
		if err := file.Chmod(o.Mode); err != nil {
			return err
		}
	}
	if o.Sync {
		if err := file.Sync(); err != nil {
			return err
		}
	}
	return file.Close() // some file systems say only now that the disk is full
}

func (o Options) prefix() string {
	if o.Prefix == "" {
		return DefaultPrefix
	}
	return o.Prefix
}

// joined returns the first error as it is if there is no second one, so that its text and its type stay.
func joined(err, removing error) error {
	if removing == nil || errors.Is(removing, fs.ErrNotExist) {
		return err
	}
	return errors.Join(err, removing)
}
