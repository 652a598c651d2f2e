package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server"
)

// controlServer is a server in this process.
type controlServer struct {
	http string // address
	conn *grpc.ClientConn
}

// onServers runs three servers in this process, without nodes, and gives use their leader.
func onServers(ctx context.Context, use func(leader *controlServer) error) (err error) {
	dir, err := os.MkdirTemp("", "headrace-servers-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	keyring := filepath.Join(dir, "keyring")
	if err := server.CreateKeyring(keyring); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	ports, err := reservePorts(12)
	if err != nil {
		return err
	}
	var all []*controlServer
	for i := range 3 {
		one, run, err := startServer(filepath.Join(dir, fmt.Sprint("server-", i)), keyring, i, ports)
		if err != nil {
			stop()
			return errors.Join(err, group.Wait())
		}
		all = append(all, one)
		group.Go(func() error { return run(ctx) })
	}
	leader, err := leaderOf(ctx, all)
	if err == nil {
		err = use(leader)
	}
	stop()
	return errors.Join(err, group.Wait())
}

// reservePorts returns addresses of loopback that nobody listens on.
func reservePorts(n int) (addresses []string, err error) {
	var listeners []net.Listener
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		listeners = append(listeners, listener)
		addresses = append(addresses, listener.Addr().String())
	}
	for _, listener := range listeners {
		err = errors.Join(err, listener.Close())
	}
	return addresses, err
}

func startServer(dir, keyring string, i int, ports []string) (*controlServer, func(context.Context) error, error) {
	c := server.DefaultConfig()
	c.ServerID = fmt.Sprint("server-", i)
	c.DataDir = dir
	c.KeyringFile = keyring
	c.BootstrapExpect = 3
	c.HTTPAddress = ports[4*i]
	c.GRPCAddress = ports[4*i+1]
	c.RaftAddress = ports[4*i+2]
	c.GossipAddress = ports[4*i+3]
	c.Join = []string{ports[3], ports[7], ports[11]}
	c.Log = slog.New(slog.DiscardHandler)
	s, err := server.New(c)
	if err != nil {
		return nil, nil, err
	}
	conn, err := grpc.NewClient(c.GRPCAddress, grpc.WithTransportCredentials(insecure.NewCredentials()))
	return &controlServer{http: c.HTTPAddress, conn: conn}, s.Run, err
}

// leaderOf waits until the servers have a leader.
func leaderOf(ctx context.Context, all []*controlServer) (*controlServer, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		cluster := controlv1.NewClusterServiceClient(all[0].conn)
		status, err := cluster.GetClusterStatus(ctx, &controlv1.GetClusterStatusRequest{})
		for _, s := range status.GetServers() {
			for _, one := range all {
				if s.GetLeader() && s.GetGrpcAddress() == one.conn.Target() {
					return one, nil
				}
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("the servers have no leader: %w", errors.Join(err, ctx.Err()))
		}
	}
}
