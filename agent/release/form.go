package release

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/therootcompany/xz"

	"github.com/headrace/headrace/internal/errs"
)

// form is how an archive begins, which says what it is. A name may say anything, as those of object storage do.
type form int

const (
	formUnknown form = iota // perhaps a plain tar, which has no sign of its own at its beginning
	formZip
	formGzip
	formBzip2
	formXZ
	formZstd
)

// signs are the first bytes of each form.
var signs = []struct {
	form  form
	bytes string
}{
	{formZip, "PK\x03\x04"},
	{formZip, "PK\x05\x06"}, // it is empty
	{formGzip, "\x1f\x8b"},
	{formBzip2, "BZh"},
	{formXZ, "\xfd7zXZ\x00"},
	{formZstd, "\x28\xb5\x2f\xfd"},
}

// signBytes is how many bytes tell a form.
const signBytes = 6

// The memory that unpacking may take, in bytes.
const (
	maxDictionary = 64 << 20  // of an xz: what xz -9 makes needs that much
	maxWindow     = 128 << 20 // of a zstd: what zstd --ultra -22 makes, or zstd --long, needs that much
)

// formOf recognises a form by the first bytes.
func formOf(head []byte) form {
	for _, sign := range signs {
		if bytes.HasPrefix(head, []byte(sign.bytes)) {
			return sign.form
		}
	}
	return formUnknown
}

// formOfFile recognises the form of a file.
func formOfFile(file *os.File) (form, error) {
	var head [signBytes]byte
	n, err := file.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return formUnknown, errs.New(errs.Unavailable, "cannot read the archive: %w", err)
	}
	return formOf(head[:n]), nil
}

// IsGzip says whether a file is compressed with gzip.
func IsGzip(file *os.File) bool {
	form, err := formOfFile(file)
	return err == nil && form == formGzip
}

// namedZip says whether an archive is a zip by its name: it may begin with something else, such as a program.
func namedZip(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".zip", ".jar", ".whl":
		return true
	}
	return false
}

// decompress returns what is compressed, or the same if nothing is.
func decompress(r io.Reader) (io.ReadCloser, error) {
	buffered := bufio.NewReaderSize(r, 1<<20)
	head, err := buffered.Peek(signBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch formOf(head) {
	case formGzip:
		return gzip.NewReader(buffered)
	case formBzip2:
		return io.NopCloser(bzip2.NewReader(buffered)), nil
	case formXZ:
		plain, err := xz.NewReader(buffered, maxDictionary)
		return io.NopCloser(plain), err
	case formZstd:
		decoder, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return decoder.IOReadCloser(), nil
	}
	return io.NopCloser(buffered), nil
}

// noArchive says that something is no archive, or none that is taken.
func noArchive(err error) error {
	if other := otherFault(err); other != nil {
		return other
	}
	return errs.New(errs.Invalid, "it is no archive, or one of another kind (%w); what is taken is "+
		"zip, jar, and tar, plain or compressed with gzip, bzip2, xz or zstd", err)
}

// damaged says that an archive cannot be read to its end.
func damaged(err error) error {
	if other := otherFault(err); other != nil {
		return other
	}
	return errs.New(errs.Invalid, "the archive is damaged: %w", err)
}

// otherFault says why an archive cannot be read although nothing is wrong with it: it needs too much, or its machine
// cannot read it. nil: it is the archive's fault.
func otherFault(err error) error {
	switch {
	case errors.Is(err, xz.ErrMemlimit):
		return errs.New(errs.TooLarge, "xz needs more than %d MiB of memory for it; compress it with at most xz -9",
			maxDictionary>>20)
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return errs.New(errs.TooLarge, "zstd needs more than %d MiB of memory for it; compress it with at most "+
			"zstd --long=27", maxWindow>>20)
	case errors.As(err, new(syscall.Errno)):
		return errs.New(errs.Unavailable, "cannot read the archive: %w", err)
	}
	return nil
}
