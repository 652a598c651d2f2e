package server_test

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// rowOf returns what a server says of another one; nil: nothing.
func rowOf(by *testcluster.Server, id string) *controlv1.Server {
	for _, row := range by.Status().GetServers() {
		if row.GetServerId() == id {
			return row
		}
	}
	return nil
}

// A server that stopped is shown as such by the next answer, though gossip needs longer; one that runs is shown with
// what it has applied and with its version.
func TestC5_StatusShowsWhoStopped(t *testing.T) {
	cluster := testcluster.Start(t, testcluster.Config{})
	follower, leader := cluster.Follower(), cluster.Leader()
	processApplication(t, leader.Client())
	testcluster.Eventually(t, "all servers to have applied the same", func() bool {
		status := leader.Status()
		for _, row := range status.GetServers() {
			if !row.GetAlive() || row.GetAppliedRecord() < status.GetRecord() || row.GetVersion() != "dev" {
				return false
			}
		}
		return len(status.GetServers()) == 3
	})
	follower.Stop()
	if row := rowOf(leader, follower.ID()); row == nil || row.GetAlive() || !row.GetVoter() {
		t.Errorf("a stopped server is shown as %v", row)
	}
	follower.Start()
	testcluster.Eventually(t, "the server to be back", func() bool {
		row := rowOf(leader, follower.ID())
		return row.GetAlive() && row.GetAppliedRecord() == leader.Status().GetRecord()
	})
}

// A server that comes back with an empty data directory is refused with what to do, and taken in once it is removed,
// which is for operators.
func TestC5_AWipedServerIsReplaced(t *testing.T) {
	cluster := testcluster.Start(t, testcluster.Config{TLS: true})
	leader, lost := cluster.Leader(), cluster.Follower()
	ctx := testcluster.Within(t)
	lost.Stop()
	lost.Wipe()
	lost.Start()
	testcluster.Eventually(t, "status to say why the wiped server is out", func() bool {
		return strings.Contains(rowOf(leader, lost.ID()).GetOutside(), "headrace cluster remove-server "+lost.ID())
	})
	testcluster.Eventually(t, "the wiped server itself to say it", func() bool {
		row := rowOf(lost, lost.ID())
		return strings.Contains(row.GetOutside(), "headrace cluster remove-server "+lost.ID()) && !row.GetLeader()
	})
	_, err := lost.Client().ListNodes(ctx, &controlv1.ListNodesRequest{})
	wantError(t, err, errs.Unavailable, "", "takes no part", "headrace cluster remove-server "+lost.ID())
	remove := &controlv1.RemoveServerRequest{ServerId: lost.ID()}
	_, err = cluster.As(leader, "client", "carol").RemoveServer(ctx, remove)
	if !errs.Is(grpcerr.FromStatus(err), errs.Forbidden) {
		t.Errorf("a client that removes a server gets %v", err)
	}
	operator := cluster.As(cluster.Follower(), "operator", "alice")
	for _, other := range cluster.Servers { // one more away, and two of three would be
		if other != lost {
			_, err := operator.RemoveServer(ctx, &controlv1.RemoveServerRequest{ServerId: other.ID()})
			if !errs.Is(grpcerr.FromStatus(err), errs.WrongState) || !strings.Contains(err.Error(), "--force") {
				t.Errorf("removing %s gives %v", other.ID(), err)
			}
		}
	}
	removed, err := operator.RemoveServer(ctx, remove)
	must(t, err)
	if removed.GetServerId() != lost.ID() {
		t.Errorf("removed is %v", removed)
	}
	testcluster.Eventually(t, "the wiped server to be a voter", func() bool {
		row := rowOf(leader, lost.ID())
		return row.GetVoter() && row.GetOutside() == "" && row.GetAppliedRecord() > 0
	})
	_, err = operator.RemoveServer(ctx, &controlv1.RemoveServerRequest{ServerId: "server-9"})
	if !errs.Is(grpcerr.FromStatus(err), errs.NotFound) {
		t.Errorf("removing nobody gives %v", err)
	}
}
