package testcluster

import (
	"cmp"
	"context"
	"fmt"
	"testing"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/simnode"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// NodeConfig says what a simulated node offers and does. Name, Zone and Script are needed; the cluster fills in how it
// reaches servers.
type NodeConfig = simnode.Config

// Node is a simulated node that ends with the test.
type Node struct {
	*simnode.Node

	t    testing.TB
	name string
}

// Node adds a simulated node, and waits until the cluster has it as READY.
func (c *Cluster) Node(config NodeConfig) *Node {
	c.t.Helper()
	return c.NodeIn("READY", config)
}

// NodeIn adds a simulated node, and waits until the cluster has it in a state.
func (c *Cluster) NodeIn(state string, config NodeConfig) *Node {
	c.t.Helper()
	for _, s := range c.Servers {
		config.Servers = append(config.Servers, s.config.GRPCAddress)
	}
	config.Dir = c.t.TempDir()
	config.Connections = c.connections
	config.Ledger = c.Ledger
	config.Logger = cmp.Or(config.Logger, logger())
	started, err := simnode.Start(config)
	must(c.t, err)
	n := &Node{Node: started, t: c.t, name: config.Name}
	c.nodes = append(c.nodes, n)
	c.AwaitNode(n, state)
	return n
}

// Crash cuts the node off, and its workers are gone without a word, as when its machine loses power.
func (n *Node) Crash() {
	n.t.Helper()
	must(n.t, n.Node.Crash())
}

// Heal ends CutOff, and boots a node that has crashed.
func (n *Node) Heal() {
	n.t.Helper()
	must(n.t, n.Node.Heal())
}

// AwaitNode waits until a node is in a state.
func (c *Cluster) AwaitNode(n *Node, state string) {
	c.t.Helper()
	ctx := Within(c.t)
	Eventually(c.t, fmt.Sprintf("node %s to be %s", n.name, state), func() bool {
		return c.Anywhere(ctx, func(client *Client) error {
			r, err := client.GetNode(ctx, &controlv1.GetNodeRequest{NodeId: n.ID})
			if err == nil && r.GetNode().GetState() != state {
				err = context.DeadlineExceeded
			}
			return err
		}) == nil
	})
}

// nodeConnections are those of the cluster's nodes: with TLS each has one with its own certificate.
func (c *Cluster) nodeConnections() *simnode.Connections {
	if c.certs == nil {
		return simnode.Plain()
	}
	return simnode.Secure(func(node string) (grpc.DialOption, error) {
		files, err := c.certs.node(node, false)
		if err != nil {
			return nil, err
		}
		return secured(files)
	})
}
