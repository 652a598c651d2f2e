package storage

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/internal/errs"
)

// Access is how far file:// URIs reach. The zero value reaches nothing: users write URIs, and it is not for them to
// name a path on this machine.
type Access struct {
	// Below are the directories that files may be in. No link below them is followed.
	Below []string
	// Do calls a function with the rights that files are touched with; nil: those of this process.
	Do func(func() error) error
	// MaxEntries bounds the names of files and folders that one list looks at. A folder with more is refused before all
	// of them are read. 0: no bound, which is for folders that only Headrace writes to.
	MaxEntries int

	own bool // the directories are made when they are missing
}

// OwnAccess returns an access to the folder of a file:// URI that an operator named, with the rights of this process.
// The folder is made if it is missing. If the URI is not one of file://, the access reaches nothing.
func OwnAccess(uri string) Access {
	if at, err := locate(uri); err == nil && at.bucket == "" {
		return Access{Below: []string{filepath.Clean(at.path)}, own: true}
	}
	return Access{}
}

// Files returns a client that reaches file:// URIs as far as access says, and s3:// as before.
func (c *Client) Files(access Access) *Client {
	if access.Do == nil {
		access.Do = func(f func() error) error { return f() }
	}
	return &Client{s3: c.s3, files: files{access}}
}

// root returns the directory of Below that a file is in, and the file's path below it. Of several, it is the longest.
func (a Access) root(at location) (dir, rest string, err error) {
	path := filepath.Clean(at.path)
	found := false
	for _, below := range a.Below {
		name, relErr := filepath.Rel(below, path)
		if relErr == nil && filepath.IsLocal(name) && (!found || len(below) > len(dir)) {
			dir = below
			rest = name
			found = true
		}
	}
	if !found {
		return "", "", errs.New(
			errs.Forbidden,
			"cannot use %s: it is in no directory that this machine shares (%s); "+
				"use s3://, or ask who runs it to add one to shared_directories",
			at.uri,
			a.shared(),
		)
	}
	return dir, rest, nil
}

// open opens one of the directories, which the caller closes. It uses the rights of this process, because users may
// have rights on the directory and none on the way to it.
func (a Access) open(dir string, make bool) (*os.File, error) {
	if make && a.own {
		if err := os.MkdirAll(dir, folderMode); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(dir, folderFlags&^unix.O_NOFOLLOW, 0)
}

// shared names the directories for people.
func (a Access) shared() string {
	if len(a.Below) == 0 {
		return "it shares none"
	}
	return strings.Join(a.Below, ", ")
}
