package control

import (
	"context"
	"slices"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/releases"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// ListReleases returns the releases of the table, newest first, then those that only this cluster has, by label.
func (c *cluster) ListReleases(
	ctx context.Context,
	r *controlv1.ListReleasesRequest,
) (*controlv1.ListReleasesResponse, error) {
	view, err := c.read(ctx, r.GetStale())
	if err != nil {
		return nil, err
	}
	return &controlv1.ListReleasesResponse{Releases: releaseList(view)}, nil
}

func releaseList(view *state.View) (all []*controlv1.Release) {
	ready := readyNodes(view)
	for _, known := range releases.All() {
		all = append(all, release(ready, known, view.Release(known.Label)))
	}
	for row := range view.Releases() {
		if _, known := releases.Lookup(row.Label); !known {
			all = append(all, release(ready, releaseOf(row), row))
		}
	}
	return all
}

// readyNodes returns the nodes that can be given work, by zone and name.
func readyNodes(view *state.View) (ready []*state.Node) {
	for n := range view.NodesByName("") {
		if n.State == state.NodeReady {
			ready = append(ready, n)
		}
	}
	return ready
}

// releaseOf returns what is known of an added release: by its label, else by the version of its engine.
func releaseOf(row *state.Release) releases.Release {
	if known, ok := releases.Lookup(row.Label); ok {
		return known
	}
	if row.Engine == state.EngineSpark && row.EngineVersion != "" {
		return releases.ForSpark(row.Label, row.EngineVersion)
	}
	return releases.Release{Label: row.Label}
}

// release shows a release; the row is nil unless the servers' cache has its archive.
func release(ready []*state.Node, known releases.Release, row *state.Release) *controlv1.Release {
	_, ofTable := releases.Lookup(known.Label)
	m := &controlv1.Release{
		Label:         known.Label,
		Engine:        specv1.Engine_ENGINE_SPARK,
		EngineVersion: known.Spark,
		SparkVersion:  known.Spark,
		HiveVersion:   known.Hive,
		TezVersion:    known.Tez,
		PythonMin:     known.PythonMin,
		PythonMax:     known.PythonMax,
		Custom:        !ofTable,
	}
	for _, major := range known.Java {
		m.JavaVersions = append(m.JavaVersions, uint32(major))
	}
	if row != nil {
		m.Engine, m.EngineVersion = specv1.Engine(row.Engine), row.EngineVersion
		m.Cached, m.Digest, m.SizeBytes, m.AddedBy = true, row.Digest, row.SizeBytes, row.AddedBy
	}
	for _, n := range ready {
		if n.Holds(known.Label) {
			m.NodeNames = append(m.NodeNames, n.Name)
		}
	}
	slices.Sort(m.GetNodeNames())
	m.Nodes = int32(len(m.GetNodeNames()))
	m.NotRunnable = notRunnable(known, state.Engine(m.GetEngine()), m.GetCached(), ready)
	return m
}
