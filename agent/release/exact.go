package release

import (
	"bytes"
	"encoding/hex"
	"io"
	"path/filepath"
	"strings"
)

// digestSign stands in a folder's name between the label and the digest.
const digestSign = "@"

// folderOf is the name of the folder of a copy from the servers' cache: the digest belongs to it, so that what stood
// behind the label before is another folder, and never used for it.
func folderOf(label string, digest []byte) string {
	return label + digestSign + hex.EncodeToString(digest[:min(len(digest), 16)])
}

// labelOf is the label that a folder's name says.
func labelOf(folder string) string {
	label, _, _ := strings.Cut(folder, digestSign)
	return label
}

// exact finds the release with exactly that content: a copy from the servers' cache or, where pack is allowed, which
// takes seconds the first time, one that was fetched here and is the same. A damaged one is none.
func (s *Store) exact(label string, digest []byte, pack bool) (Release, bool) {
	if found, err := s.find(folderOf(label, digest)); err == nil {
		return found, true
	}
	for _, root := range s.config.Roots {
		found, err := read(filepath.Join(root, label))
		if err == nil && bytes.Equal(s.packed(found, pack), digest) {
			return s.used(found), true
		}
	}
	return Release{}, false
}

// packed returns the digest of a release that was fetched or added on this machine; nil: not known.
func (s *Store) packed(r Release, pack bool) []byte {
	s.mu.Lock()
	known := s.digests[r]
	s.mu.Unlock()
	if known == nil {
		known = s.recalled(r)
	}
	if known == nil && pack {
		if digest, _, err := Pack(r.Dir, io.Discard); err == nil { // else it is damaged, and the servers have a whole one
			known = digest
			s.recall(r, digest)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known != nil {
		s.digests[r] = known
	}
	return known
}
