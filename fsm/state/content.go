package state

import (
	"encoding/hex"
	"iter"

	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// Content is something that runs share. They name it by its digest, so it is kept once, as long as a run names it.
type Content struct {
	Digest  string // in hexadecimal
	Defined *eventv1.Content
}

// ContentKey returns the key by which rows name the content with a digest; empty for no digest.
func ContentKey(digest []byte) string { return hex.EncodeToString(digest) }

// ContentDigest returns the digest that a key stands for.
func ContentDigest(key string) []byte {
	digest, err := hex.DecodeString(key)
	if err != nil {
		panic("a row names a content by a key that is no digest: " + key)
	}
	return digest
}

// Content returns the content with a digest, or nil.
func (v *View) Content(key string) *Content { return v.contents.get(key) }

// Contents yields every content by digest.
func (v *View) Contents() iter.Seq[*Content] { return v.contents.all() }

// Launch returns what a run's workers are started with. It is nil if the run's spec says that itself, or if the run is
// over.
func (v *View) Launch(r *JobRun) *eventv1.Launch { return v.defined(r.Launch).GetLaunch() }

// Inherited returns what a run inherits from its application, or nil if it inherits nothing.
func (v *View) Inherited(r *JobRun) *eventv1.Settings { return v.defined(r.Inherited).GetSettings() }

func (v *View) defined(key string) *eventv1.Content {
	if row := v.contents.get(key); row != nil {
		return row.Defined
	}
	return nil
}

// PutContent adds a content that no run names yet.
func (tx *Tx) PutContent(c Content) { tx.view.contents.put(c.Digest, &c) }

// recount changes how many runs name a content, and removes it if none does.
func (tx *Tx) recount(key string, by int64) {
	if key == "" {
		return
	}
	uses := tx.view.contentUses.get(key) + by
	if uses > 0 {
		tx.view.contentUses.put(key, uses)
		return
	}
	tx.view.contentUses.remove(key)
	tx.view.contents.remove(key)
}

// refer counts what a run names now, instead of what its old row named.
func (tx *Tx) refer(old, now *JobRun) {
	if old == nil {
		old = &JobRun{}
	}
	for _, names := range [][2]string{{old.Launch, now.Launch}, {old.Inherited, now.Inherited}} {
		if names[0] != names[1] {
			tx.recount(names[1], 1)
			tx.recount(names[0], -1)
		}
	}
}
