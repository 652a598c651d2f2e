package release

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/internal/atomicfile"
)

// Packing a release takes seconds, so its digest outlives the process: in a file in the store's own root, together with
// a mark of the directory at that time. What is complete never changes; a directory that is another one, or got s3/,
// has another mark.

// recalled returns the digest that was noted for a release; nil: none, or for another content.
func (s *Store) recalled(r Release) []byte {
	content, err := os.ReadFile(s.noteOf(r))
	if err != nil {
		return nil
	}
	noted, mark, _ := strings.Cut(strings.TrimSpace(string(content)), " ")
	digest, err := hex.DecodeString(noted)
	if err != nil || len(digest) != sha256.Size || mark == "" || mark != markOf(r) {
		return nil
	}
	return digest
}

// recall notes the digest of a release. Where that fails the next process packs it again.
func (s *Store) recall(r Release, digest []byte) {
	note := s.noteOf(r)
	_ = os.MkdirAll(filepath.Dir(note), 0o755)
	_ = atomicfile.WriteBytes(note, atomicfile.Options{Mode: 0o644}, fmt.Appendf(nil, "%x %s\n", digest, markOf(r)))
}

// noteOf is the file in which the digest of a release is noted.
func (s *Store) noteOf(r Release) string {
	name := sha256.Sum256([]byte(r.Dir))
	return filepath.Join(s.Root(), ".digests", hex.EncodeToString(name[:16]))
}

// markOf names a directory as it is now: which one it is, and when something was put into it or taken away.
func markOf(r Release) string {
	var info unix.Stat_t
	if unix.Stat(r.Dir, &info) != nil {
		return ""
	}
	return fmt.Sprintf("%d-%d-%d", info.Dev, info.Ino, info.Ctim.Nano())
}
