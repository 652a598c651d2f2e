package message

import (
	"slices"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/releases"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Releases shows the releases of the table, newest first, then those that only this cluster has, by label.
func Releases(view *state.View) (all []*controlv1.Release) {
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

// Release shows an added release.
func Release(view *state.View, row *state.Release) *controlv1.Release {
	return release(readyNodes(view), releaseOf(row), row)
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
		m.Engine = specv1.Engine(row.Engine)
		m.EngineVersion = row.EngineVersion
		m.Cached = true
		m.Digest = row.Digest
		m.SizeBytes = row.SizeBytes
		m.AddedBy = row.AddedBy
	}
	m.NodeNames = holders(ready, known.Label)
	m.Nodes = int32(len(m.GetNodeNames()))
	m.NotRunnable = notRunnable(known, state.Engine(m.GetEngine()), m.GetCached(), ready)
	return m
}

// holders returns the names of the nodes that hold a release.
func holders(nodes []*state.Node, label string) (names []string) {
	for _, n := range nodes {
		if n.Holds(label) {
			names = append(names, n.Name)
		}
	}
	slices.Sort(names)
	return names
}
