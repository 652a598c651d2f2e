package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// How many runs are submitted, one after another, after a few to warm up.
const (
	leaderRuns   = 100
	followerRuns = 50
	warmRuns     = 10
)

// measureProcess submits and watches at the leader and, because a follower learns of a record later than the leader, at
// a follower. The leader's time line says where the time goes.
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
			return fmt.Sprintf(
				"%d runs of `sleep 0.2` one after another, submitted to and watched at %s, three servers and six agents "+
					"as processes, fsync on",
				runs,
				where,
			)
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

// processRuns submits runs to a server, each after the end of the one before, and returns their times without the first
// ones'.
func processRuns(ctx context.Context, address string, runs int) (took phaseTimes, err error) {
	submit, err := newSubmitter(ctx, address)
	if err != nil {
		return took, err
	}
	defer func() { err = errors.Join(err, submit.close()) }()
	for n := range warmRuns + runs {
		if n == warmRuns {
			took = phaseTimes{}
		}
		if err := submit.run(ctx, &took); err != nil {
			return took, err
		}
	}
	return took, nil
}

// submitter submits runs to one server and watches them there.
type submitter struct {
	conn        *grpc.ClientConn
	application string
	watch       eventStream
}

// newSubmitter creates an application, and watches it.
func newSubmitter(ctx context.Context, address string) (*submitter, error) {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	s := &submitter{conn: conn}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *submitter) prepare(ctx context.Context) error {
	spec := specv1.Application_builder{Name: new("bench"), Engine: new(specv1.Engine_ENGINE_PROCESS)}.Build()
	created, err := controlv1.NewApplicationServiceClient(s.conn).CreateApplication(ctx,
		&controlv1.CreateApplicationRequest{Spec: spec})
	if err != nil {
		return err
	}
	s.application = created.GetApplication().GetApplicationId()
	cluster := controlv1.NewClusterServiceClient(s.conn)
	watch, err := cluster.WatchEvents(ctx, &controlv1.WatchEventsRequest{ApplicationId: s.application})
	if err != nil {
		return err
	}
	s.watch = watch
	_, err = watch.Header() // now it watches
	return err
}

// run submits a run, waits for its end, and adds its times.
func (s *submitter) run(ctx context.Context, to *phaseTimes) error {
	return to.add(ctx, s.conn, s.application, s.watch, time.Now())
}

func (s *submitter) close() error { return s.conn.Close() }
