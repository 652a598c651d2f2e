package explanation

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// maxCopiesTold bounds the nodes whose copies a message names.
const maxCopiesTold = 3

// Copy is how far the release of a run is copied to a node that it waits for.
type Copy struct {
	Node  string // its name
	Label string
	Bytes int64 // that are there; all of them: it is being unpacked
	Total int64
}

// String returns the copy for people.
func (c Copy) String() string {
	const mega = 1_000_000
	if c.Bytes >= c.Total {
		return fmt.Sprintf("%s unpacks release %s", c.Node, c.Label)
	}
	return fmt.Sprintf("%s fetches release %s: %d of %d MB", c.Node, c.Label, c.Bytes/mega, c.Total/mega)
}

// copies returns how far the run's release is copied to the nodes that it waits for, by name of node.
func (s Source) copies() (all []Copy) {
	release := s.View.Release(s.Run.Release)
	if release == nil || s.Progress == nil || s.Run.State.Terminal() {
		return nil
	}
	for node := range s.nodes() {
		for _, said := range s.Progress(node).GetCopies() {
			if !bytes.Equal(said.GetDigest(), release.Digest) {
				continue
			}
			all = append(all, Copy{
				Node:  s.View.Node(node).Name,
				Label: release.Label,
				Bytes: min(max(said.GetBytes(), 0), release.SizeBytes),
				Total: release.SizeBytes,
			})
		}
	}
	slices.SortFunc(all, func(a, b Copy) int { return strings.Compare(a.Node, b.Node) })
	return all
}

// nodes returns the nodes of the run's workers, or, while its application starts, those of the application's pools.
func (s Source) nodes() map[string]bool {
	nodes := map[string]bool{}
	for w := range s.View.LiveWorkersOfRun(s.Run.ID) {
		nodes[w.Node] = true
	}
	if s.Run.State != state.RunSubmitted {
		return nodes
	}
	for slot := range s.View.PoolOfApplication(s.Run.Application) {
		nodes[slot.Node] = true
	}
	return nodes
}

// told returns copies for people; empty: there are none.
func told(copies []Copy) string {
	var texts []string
	for _, c := range copies[:min(len(copies), maxCopiesTold)] {
		texts = append(texts, c.String())
	}
	if more := len(copies) - maxCopiesTold; more > 0 {
		texts = append(texts, fmt.Sprintf("and so do %d more nodes", more))
	}
	return strings.Join(texts, "; ")
}

// spark returns how far the jobs of the run's driver are, as the driver's node says; nil: none runs, or nobody says it.
func (s Source) spark() *agentv1.SparkProgress {
	driver := s.View.Driver(s.Run.ID, s.Run.Attempt)
	if s.Progress == nil || s.Run.State != state.RunRunning || driver == nil || !driver.Live() {
		return nil
	}
	for _, said := range s.Progress(driver.Node).GetDrivers() {
		if said.GetJobRunId() == s.Run.ID && said.GetAttempt() == s.Run.Attempt {
			return said
		}
	}
	return nil
}

// stages says how far Spark's jobs are, for people.
func stages(p *agentv1.SparkProgress) string {
	running := min(p.GetStagesDone()+1, p.GetStages())
	return fmt.Sprintf("stage %d/%d, tasks %d/%d", running, p.GetStages(), p.GetTasksDone(), p.GetTasks())
}
