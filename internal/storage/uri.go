package storage

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/headrace/headrace/internal/errs"
)

const (
	s3Scheme   = "s3://"
	fileScheme = "file://"
)

// keyBytes is how long a key in S3 may be.
const keyBytes = 1024

// bucketForm is what a bucket's name may look like. Services refuse a few more.
var bucketForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$`)

// location is a URI that was checked, in parts.
type location struct {
	uri    string
	bucket string // empty: a file on this machine
	path   string // the key, without a slash before it; or the absolute path
}

// namesFile says whether the location can be a file. A bucket cannot, and no path that ends in a slash.
func (l location) namesFile() bool { return l.path != "" && !strings.HasSuffix(l.path, "/") }

// Check says what is wrong with a URI: it must be s3://bucket, s3://bucket/key or file:///path, without .. in its path.
func Check(uri string) error {
	_, err := locate(uri)
	return err
}

// Join returns the URI of a path below base. Exactly one slash stands between the two.
func Join(base, path string) string {
	path = strings.TrimLeft(path, "/")
	if path == "" {
		return base
	}
	scheme, rest, _ := strings.Cut(base, "://")
	return scheme + "://" + strings.TrimRight(rest, "/") + "/" + path
}

// locate checks a URI and takes it apart.
func locate(uri string) (location, error) {
	var at location
	switch {
	case strings.HasPrefix(uri, s3Scheme):
		bucket, key, _ := strings.Cut(uri[len(s3Scheme):], "/")
		at = location{uri: uri, bucket: bucket, path: key}
	case strings.HasPrefix(uri, fileScheme+"/"):
		at = location{uri: uri, path: uri[len(fileScheme):]}
	default:
		return at, errs.New(errs.Invalid, "cannot use %q: give s3://bucket/key or file:///path", shown(uri))
	}
	return at, at.check()
}

func (l location) check() error {
	isControl := func(r rune) bool { return r < ' ' || r == 0x7f }
	switch {
	case strings.HasPrefix(l.uri, s3Scheme) && !bucketForm.MatchString(l.bucket):
		return errs.New(
			errs.Invalid,
			"cannot use %q: a bucket has 3 to 63 lower-case letters, digits, dots and hyphens; "+
				"credentials belong into object_store.credentials_file",
			shown(l.uri),
		)
	case !utf8.ValidString(l.path) || strings.ContainsFunc(l.path, isControl):
		return errs.New(errs.Invalid, "cannot use %q: leave out control characters and what is not UTF-8", l.uri)
	case slices.Contains(strings.Split(l.path, "/"), ".."):
		return errs.New(errs.Invalid, "cannot use %s: write the path without ..", l.uri)
	case l.bucket != "" && len(l.path) > keyBytes:
		return errs.New(
			errs.Invalid,
			"cannot use %.80s...: its key has %d bytes, the most is %d",
			l.uri,
			len(l.path),
			keyBytes,
		)
	}
	return nil
}

// shown returns a URI that was not checked as a message may show it: without a query and without what stands before an
// @, because both may be secrets.
func shown(uri string) string {
	uri, _, _ = strings.Cut(uri, "?")
	scheme, rest, found := strings.Cut(uri, "://")
	at := strings.LastIndex(rest, "@")
	if !found || at < 0 {
		return uri
	}
	return scheme + "://..." + rest[at:]
}
