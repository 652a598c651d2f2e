package command

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// InitializeCluster gives the cluster its identity, once.
type InitializeCluster struct {
	Account, Region string
}

// Decide makes the cluster's id; a cluster that has one stays as it is.
func (c *InitializeCluster) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	if view.ID != "" {
		return nil, nil
	}
	d := draft(view, meta)
	d.Add(&eventv1.ClusterInitialized{ClusterId: meta.IDs.NewID(), AccountId: c.Account, Region: c.Region})
	return d.Events(), nil
}

// AddRelease says that the servers' cache has a release.
type AddRelease struct {
	Release state.Release
}

// Decide adds or replaces it; the same archive again changes nothing.
func (c *AddRelease) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	old := view.Release(c.Release.Label)
	if old != nil && string(old.Digest) == string(c.Release.Digest) {
		return nil, nil
	}
	if n := view.CountReleases(); old == nil && n >= meta.Limits.Releases {
		return nil, errs.New(errs.TooLarge, "cannot add release %s: there are %d, and the most is %d", c.Release.Label, n, meta.Limits.Releases)
	}
	d := draft(view, meta)
	d.Add(&eventv1.ReleaseAdded{Label: c.Release.Label, Engine: eventv1.Engine(c.Release.Engine), EngineVersion: c.Release.EngineVersion,
		Digest: c.Release.Digest, SizeBytes: c.Release.SizeBytes})
	return d.Events(), nil
}
