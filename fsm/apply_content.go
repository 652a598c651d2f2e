package fsm

import (
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// bring adds contents that no run names yet; the run whose event they are in is to follow.
func (a *applier) bring(contents []*eventv1.Content) {
	for _, content := range contents {
		key := state.ContentKey(content.GetDigest())
		a.must(a.tx.View().Content(key) == nil, "content %s is there already", key)
		a.tx.PutContent(state.Content{Digest: key, Defined: content})
	}
}

// content returns the key of a content that must be there; empty for no digest. Rows share the key.
func (a *applier) content(digest []byte) string {
	if len(digest) == 0 {
		return ""
	}
	row := a.tx.View().Content(state.ContentKey(digest))
	a.must(row != nil, "there is no content %x", digest)
	return row.Digest
}
