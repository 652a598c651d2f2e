package upload

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/headrace/headrace/internal/errs"
)

// MaxBytes bounds a file: it is a script or a small jar, and what is larger belongs into storage that nodes share.
const MaxBytes = 16 << 20

// scheme begins every URI, and digestPrefix what stands between that and the digest.
const (
	scheme       = "headrace://"
	digestPrefix = scheme + "sha256-"
)

// maxName bounds a name, in characters.
const maxName = 128

// nameForm is what a name may look like: a file's name everywhere, and as a part of a URI the same.
var nameForm = regexp.MustCompile(fmt.Sprintf(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,%d}$`, maxName-1))

// File is a file that a user uploaded.
type File struct {
	// Digest is the SHA-256 of what it holds.
	Digest [sha256.Size]byte
	// Name is what it is called in the working directory of a worker.
	Name string
}

// Is says whether a URI is to name such a file.
func Is(uri string) bool { return strings.HasPrefix(uri, scheme) }

// IsLocal says whether people name a program as a file of the machine where they are: by a path that begins with ./,
// ../ or ~/. Every other path may be one of the nodes: /opt/job.py, file:///opt/job.py, and job.py, which is a file of
// the run's working directory.
func IsLocal(program string) bool {
	for _, prefix := range []string{"./", "../", "~/"} {
		if strings.HasPrefix(program, prefix) {
			return true
		}
	}
	return false
}

// URI returns how job runs name the file.
func (f File) URI() string { return digestPrefix + hex.EncodeToString(f.Digest[:]) + "/" + f.Name }

// String returns the URI.
func (f File) String() string { return f.URI() }

// Parse reads a URI.
func Parse(uri string) (f File, err error) {
	rest, is := strings.CutPrefix(uri, digestPrefix)
	digits, name, named := strings.Cut(rest, "/")
	digest, bad := hex.DecodeString(digits)
	if !is || !named || bad != nil || len(digest) != sha256.Size || strings.ToLower(digits) != digits {
		return File{}, errs.New(errs.Invalid,
			"cannot use %.200q: an uploaded file is headrace://sha256-DIGEST/NAME, with 64 hexadecimal digits in lower case",
			uri)
	}
	f.Name = name
	f.Digest = [sha256.Size]byte(digest)
	return f, CheckName(name)
}

// CheckName holds that a name is one.
func CheckName(name string) error {
	if nameForm.MatchString(name) {
		return nil
	}
	return errs.New(errs.Invalid,
		"cannot use the name %.200q: it has 1 to %d letters, digits, dots, dashes and underscores, the first no dot",
		name, maxName)
}

// NameLike returns the name for a file that is called so elsewhere: what cannot stand in a name is an underscore.
func NameLike(base string) string {
	name := strings.Map(func(r rune) rune {
		if r < 0x80 && nameForm.MatchString("_"+string(r)) {
			return r
		}
		return '_'
	}, base)
	if strings.HasPrefix(name, ".") {
		name = "_" + name[1:]
	}
	return name[max(0, len(name)-maxName):] // its end says what it is
}
