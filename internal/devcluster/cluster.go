package devcluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// The cluster's own ports, so that a developer's cluster may run beside it, and its patience.
const (
	firstPort  = 17600
	readyTime  = 60 * time.Second
	stopTime   = 60 * time.Second
	clusterRun = time.Hour
)

// Cluster is a running `headrace dev` with its own data.
type Cluster struct {
	Dir     string           // of its logs and data
	HTTP    string           // URL of a server's HTTP API
	Address string           // of its gRPC
	Conn    *grpc.ClientConn // to it

	command *exec.Cmd
}

// On starts a cluster with that binary, waits until its six nodes are ready, and stops it whatever use does. When all
// went well its data is removed. The flags are more of headrace dev's.
func On(ctx context.Context, headrace string, use func(context.Context, *Cluster) error, flags ...string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, clusterRun)
	defer cancel()
	c, err := start(headrace, flags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	if err := c.ready(ctx); err != nil {
		return err
	}
	return use(ctx, c)
}

// Warmed returns how many processes have begun to wait in slots, since the cluster was started. Only the agents know;
// they log it.
func (c *Cluster) Warmed() (times int) {
	logs, _ := filepath.Glob(filepath.Join(c.Dir, "data", "logs", "zone-*.log"))
	for _, path := range logs {
		content, _ := os.ReadFile(path)
		times += strings.Count(string(content), "a process waits in a slot")
	}
	return times
}

func start(headrace string, flags []string) (*Cluster, error) {
	dir, err := os.MkdirTemp("", "headrace-cluster-")
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "dev.log"))
	if err != nil {
		return nil, err
	}
	base := freePorts(firstPort)
	flags = append([]string{"dev", "--data", filepath.Join(dir, "data"), "--base-port", fmt.Sprint(base)}, flags...)
	command := exec.Command(headrace, flags...)
	c := &Cluster{
		Dir:     dir,
		HTTP:    fmt.Sprintf("http://127.0.0.1:%d", base),
		Address: fmt.Sprintf("127.0.0.1:%d", base+1),
		command: command,
	}
	c.command.Stdout = log
	c.command.Stderr = log
	c.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C reaches it through us
	if err := errors.Join(c.command.Start(), log.Close()); err != nil {
		return nil, err
	}
	c.Conn, err = grpc.NewClient(c.Address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	return c, err
}

// freePorts returns the first base, in steps of a hundred, whose three servers' ports nobody listens on; the first if
// there is none.
func freePorts(first int) int {
	for base := first; base < first+1000; base += 100 {
		free := true
		for port := base; port < base+24 && free; port++ {
			listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			free = err == nil && listener.Close() == nil
		}
		if free {
			return base
		}
	}
	return first
}

func (c *Cluster) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		status, err := controlv1.NewClusterServiceClient(c.Conn).GetClusterStatus(ctx, &controlv1.GetClusterStatusRequest{})
		if err == nil && status.GetNodesReady() == 6 {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("the cluster was not ready within %s; %s/dev.log says more (%w)", readyTime, c.Dir, err)
		}
	}
}

// stop ends the cluster as Ctrl-C does, and removes its data when it ended well.
func (c *Cluster) stop() error {
	err := errors.Join(c.Conn.Close(), c.command.Process.Signal(os.Interrupt))
	kill := time.AfterFunc(stopTime, func() { _ = c.command.Process.Kill() })
	defer kill.Stop()
	if ended := c.command.Wait(); ended != nil {
		return errors.Join(err, fmt.Errorf("the cluster did not stop well: %w; %s has its logs", ended, c.Dir))
	}
	return errors.Join(err, os.RemoveAll(c.Dir))
}
