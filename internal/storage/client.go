package storage

import (
	"context"
	"io"
	"iter"

	"github.com/headrace/headrace/internal/errs"
)

// Client reads and writes files. It may be used by many goroutines at once.
type Client struct {
	files files
	s3    *service
}

// backend is one kind of storage. The locations that it gets name files, except that of list, which may name a folder.
type backend interface {
	read(ctx context.Context, at location, offset int64) (io.ReadCloser, Info, error)
	write(ctx context.Context, at location, content io.ReadSeeker, size int64) error
	stat(ctx context.Context, at location) (Info, error)
	list(ctx context.Context, below location, yield func(Info, error) bool)
	remove(ctx context.Context, at location) error
}

// New returns a client of s3://; see Files for file://. It does no I/O: the files that the configuration names are read
// at the first use of a URI.
func New(config Config) *Client { return &Client{s3: &service{config: config}} }

// Read returns the content of a file from offset on, in bytes, and what is known of the whole file. The caller closes
// the content, and ctx holds until then. The error is NotFound if there is no such file.
func (c *Client) Read(ctx context.Context, uri string, offset int64) (io.ReadCloser, Info, error) {
	if offset < 0 {
		return nil, Info{}, errs.New(
			errs.Invalid,
			"cannot read %s from byte %d: give an offset of 0 or more",
			shown(uri),
			offset,
		)
	}
	in, at, err := c.file(uri)
	if err != nil {
		return nil, Info{}, err
	}
	return in.read(ctx, at, offset)
}

// Write makes a file with content, from its beginning, or replaces the whole file at once. Nobody else may use content
// meanwhile.
func (c *Client) Write(ctx context.Context, uri string, content io.ReadSeeker) error {
	in, at, err := c.file(uri)
	if err != nil {
		return err
	}
	size, err := content.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = content.Seek(0, io.SeekStart)
	}
	if err != nil {
		return errs.New(errs.Internal, "cannot write %s: what is to be written cannot be measured: %w", at.uri, err)
	}
	return in.write(ctx, at, content, size)
}

// Stat returns what is known of a file. The error is NotFound if there is no such file.
func (c *Client) Stat(ctx context.Context, uri string) (Info, error) {
	in, at, err := c.file(uri)
	if err != nil {
		return Info{}, err
	}
	return in.stat(ctx, at)
}

// List returns every file below a folder, in the order of the bytes of their names. It reads as it goes, and ends with
// the first error. A folder that does not exist has no files.
func (c *Client) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		in, below, err := c.folder(prefix)
		if err != nil {
			yield(Info{}, err)
			return
		}
		in.list(ctx, below, yield)
	}
}

// Delete removes a file. It is no error if there is none.
func (c *Client) Delete(ctx context.Context, uri string) error {
	in, at, err := c.file(uri)
	if err != nil {
		return err
	}
	return in.remove(ctx, at)
}

// file returns where a file is.
func (c *Client) file(uri string) (backend, location, error) {
	in, at, err := c.folder(uri)
	if err == nil && !at.namesFile() {
		err = errs.New(errs.Invalid, "cannot use %s as a file: it names a folder; put a file's name after it", at.uri)
	}
	return in, at, err
}

// folder returns where a folder, or perhaps a file, is.
func (c *Client) folder(uri string) (backend, location, error) {
	at, err := locate(uri)
	if err != nil {
		return nil, location{}, err
	}
	if at.bucket != "" {
		return c.s3, at, nil
	}
	return c.files, at, nil
}
