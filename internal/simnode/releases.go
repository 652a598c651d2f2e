package simnode

import (
	"context"
	"slices"

	"github.com/headrace/headrace/agent/release"
)

// releases are those that a node holds. See slots.Releases.
type releases struct {
	labels []string // in order
	bring  func(ctx context.Context, label string) error
}

// Hold does nothing: no release is ever removed.
func (*releases) Hold(string, string) {}

// Free does nothing.
func (*releases) Free(string) {}

// Ensure brings a release as the node's configuration says.
func (r *releases) Ensure(ctx context.Context, label string, _ []byte) (release.Release, error) {
	if r.bring == nil {
		return release.Release{}, nil
	}
	return release.Release{}, r.bring(ctx, label)
}

// Labels returns the labels of the releases that the node holds, in order.
func (r *releases) Labels() []string { return slices.Clone(r.labels) }
