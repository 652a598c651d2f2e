package main

import (
	"context"

	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/internal/devcluster"
)

// devCluster is a cluster that is measured.
type devCluster struct {
	*devcluster.Cluster

	releases string // the directory that it shares with other clusters
	used     int    // processes that waited in slots and were used
}

// onCluster has use measure a cluster of that binary.
func onCluster(ctx context.Context, headrace string, use func(context.Context, *devCluster) error) error {
	releases, err := release.DefaultCache()
	if err != nil {
		return err
	}
	return devcluster.On(ctx, headrace, func(ctx context.Context, c *devcluster.Cluster) error {
		return use(ctx, &devCluster{Cluster: c, releases: releases})
	})
}
