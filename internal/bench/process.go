package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// How many runs are submitted, one after another, after a few to warm up.
const (
	leaderRuns   = 100
	followerRuns = 50
	warmRuns     = 10
)

// measureProcess submits and watches at the leader and, because a follower learns of a record later than the leader, at a
// follower. The leader's time line says where the time goes.
func measureProcess(ctx context.Context, to *figures, headrace string) error {
	return onCluster(ctx, headrace, func(ctx context.Context, c *devCluster) error {
		leader, follower, err := c.roles(ctx)
		if err != nil {
			return err
		}
		atLeader, err := processRuns(ctx, leader, leaderRuns)
		if err != nil {
			return err
		}
		atFollower, err := processRuns(ctx, follower, followerRuns)
		if err != nil {
			return err
		}
		conditions := func(runs int, where string) string {
			return fmt.Sprintf("%d runs of `sleep 0.2` one after another, submitted to and watched at %s, three servers and six agents "+
				"as processes, fsync on", runs, where)
		}
		const name = "process.submit_to_"
		at := conditions(leaderRuns, "the leader")
		to.add(name+"accepted.p50", quantile(atLeader.accepted, 0.5), "ms", at)
		to.add(name+"placed.p50", quantile(atLeader.placed, 0.5), "ms", at)
		to.add(name+"running.p50", quantile(atLeader.running, 0.5), "ms", at)
		to.add(name+"running.p99", quantile(atLeader.running, 0.99), "ms", at)
		at = conditions(followerRuns, "a follower")
		to.add(name+"running.follower.p50", quantile(atFollower.running, 0.5), "ms", at)
		to.add(name+"running.follower.p99", quantile(atFollower.running, 0.99), "ms", at)
		return nil
	})
}

// roles returns the gRPC addresses of the leader and of a follower.
func (c *devCluster) roles(ctx context.Context) (leader, follower string, err error) {
	status, err := controlv1.NewClusterServiceClient(c.Conn).GetClusterStatus(ctx, &controlv1.GetClusterStatusRequest{})
	if err != nil {
		return "", "", err
	}
	for _, server := range status.GetServers() {
		if server.GetLeader() {
			leader = server.GetGrpcAddress()
		} else {
			follower = server.GetGrpcAddress()
		}
	}
	if leader == "" || follower == "" {
		return "", "", errors.New("cannot tell the leader from a follower: the cluster names none")
	}
	return leader, follower, nil
}

// processRuns submits runs to a server, each after the end of the one before, and returns their times without the first ones'.
func processRuns(ctx context.Context, address string, runs int) (took phaseTimes, err error) {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return took, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	application, err := controlv1.NewApplicationServiceClient(conn).CreateApplication(ctx,
		&controlv1.CreateApplicationRequest{Name: "bench", Engine: controlv1.Engine_ENGINE_PROCESS})
	if err != nil {
		return took, err
	}
	id := application.GetApplication().GetApplicationId()
	watch, err := controlv1.NewClusterServiceClient(conn).WatchEvents(ctx, &controlv1.WatchEventsRequest{ApplicationId: id})
	if err != nil {
		return took, err
	}
	if _, err := watch.Header(); err != nil { // now it watches
		return took, err
	}
	for n := range warmRuns + runs {
		if n == warmRuns {
			took = phaseTimes{}
		}
		if err := took.add(ctx, conn, id, watch, time.Now()); err != nil {
			return took, err
		}
	}
	return took, nil
}
