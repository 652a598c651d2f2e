package state

import "iter"

// Release is an engine distribution whose archive the servers' cache has.
type Release struct {
	Label         string
	Engine        Engine
	EngineVersion string
	Digest        []byte // SHA-256 of the archive
	SizeBytes     int64
	AddedBy       string
}

// Release returns the release with a label, or nil.
func (v *View) Release(label string) *Release { return v.releases.get(label) }

// Releases yields all releases by label.
func (v *View) Releases() iter.Seq[*Release] { return v.releases.all() }

// CountReleases returns how many releases there are.
func (v *View) CountReleases() int { return v.releases.rows.Len() }

// PutRelease adds or replaces a release.
func (tx *Tx) PutRelease(r Release) {
	changed(&tx.view.changes.Releases, r.Label)
	tx.view.releases.put(r.Label, &r)
}
