package attack

import (
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server"
)

// An agent that nobody approved joins with more room than all others, and a certificate of the authority. It is given
// nothing: no worker, no secret, no release, and nobody but an operator changes that.
func TestNodeApproval_AStrangerIsGivenNothing(t *testing.T) {
	if !apart(t) {
		return
	}
	w := &nodeWorld{t: t, finish: make(chan struct{})}
	w.cluster = startCluster(t, testcluster.Config{
		TLS:    true,
		Adjust: func(c *server.Config) { c.NodeApproval = server.ApproveManual },
	})
	id := newID()
	stranger := w.raw(w.cluster.Leader(), "stranger", id)
	session := stranger.session(offer(id, "stranger")).registered(t)
	if !session.all()[0].GetRegistered().GetHeldBack() {
		t.Error("the node is not told that it waits")
	}
	w.application = w.process()
	w.run = w.submit()
	testcluster.Eventually(t, "the run to wait for a node", func() bool { return w.explained() != "" })
	if says := w.explained(); says != "NO_NODES" {
		t.Errorf("the run waits for %s", says)
	}
	stream, err := stranger.FetchRelease(testcluster.Within(t), &agentv1.FetchReleaseRequest{Digest: make([]byte, 32)})
	w.must(err)
	if _, err = stream.Recv(); !errs.Is(grpcerr.FromStatus(err), errs.Forbidden) {
		t.Errorf("a release: %v", err)
	}
	for _, role := range []string{"client", "agent"} {
		conn := w.cluster.Dial(w.cluster.Follower(), role)
		nodes := controlv1.NewNodeServiceClient(conn)
		_, err := nodes.ApproveNode(testcluster.Within(t), &controlv1.ApproveNodeRequest{NodeId: id})
		if !errs.Is(grpcerr.FromStatus(err), errs.Forbidden) {
			t.Errorf("%s approves a node: %v", role, err)
		}
		_ = conn.Close()
	}
	session.heardNothingOf(t, secret, w.run)
	if nodes := w.nodes(); len(nodes) != 1 || nodes[0].GetState() != "NOT_APPROVED" || nodes[0].GetWorkers() != 0 {
		t.Errorf("the nodes are %v", nodes)
	}
	w.approves(id)
	testcluster.Eventually(t, "the approved node to be given the run", func() bool {
		for _, m := range session.all() {
			if len(m.GetAssignment().GetWorkers()) > 0 {
				return true
			}
		}
		return false
	})
}

// explained is what the run waits for.
func (w *nodeWorld) explained() string {
	w.t.Helper()
	answer, err := w.client().ExplainJobRun(testcluster.Within(w.t), &controlv1.ExplainJobRunRequest{
		ApplicationId: w.application,
		JobRunId:      w.run,
	})
	w.must(err)
	return answer.GetWaitsFor()
}

// approves has an operator approve a node, through a follower.
func (w *nodeWorld) approves(id string) {
	w.t.Helper()
	conn := w.cluster.Dial(w.cluster.Follower(), "operator")
	defer func() { _ = conn.Close() }()
	nodes := controlv1.NewNodeServiceClient(conn)
	answer, err := nodes.ApproveNode(testcluster.Within(w.t), &controlv1.ApproveNodeRequest{NodeId: id})
	w.must(err)
	if answer.GetNode().GetState() != "READY" || answer.GetRecord() == 0 {
		w.t.Errorf("approved is %v", answer)
	}
}
