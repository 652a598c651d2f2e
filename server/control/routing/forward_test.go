package routing

import (
	"strings"
	"testing"

	"google.golang.org/grpc"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// What changes something is decided by the leader, so every such call has to be forwarded, and every call that is to be
// forwarded has to be one.
func TestForward_BringsEveryWriteToTheLeader(t *testing.T) {
	left := map[string]bool{}
	for call := range leaderCalls {
		left[call] = true
	}
	for _, desc := range []grpc.ServiceDesc{
		controlv1.ApplicationService_ServiceDesc,
		controlv1.JobRunService_ServiceDesc,
		controlv1.NodeService_ServiceDesc,
		controlv1.ClusterService_ServiceDesc,
		controlv1.TagService_ServiceDesc,
		controlv1.WorkerService_ServiceDesc,
		controlv1.AccessKeyService_ServiceDesc,
	} {
		for _, m := range desc.Methods {
			reads := strings.HasPrefix(m.MethodName, "Get") || strings.HasPrefix(m.MethodName, "List")
			if leaderCalls[m.MethodName] == reads {
				t.Errorf("%s/%s: forwarded %v", desc.ServiceName, m.MethodName, leaderCalls[m.MethodName])
			}
			delete(left, m.MethodName)
		}
	}
	if len(left) != 0 {
		t.Errorf("there are no calls %v", left)
	}
}

// What only the leader knows is asked of the leader, unless an old answer will do.
func TestD4_ReadsOfWhatTheLeaderKnowsGoToTheLeader(t *testing.T) {
	for _, c := range []struct {
		method string
		req    any
		want   bool
	}{
		{"ListNodes", &controlv1.ListNodesRequest{}, true},
		{"ListNodes", &controlv1.ListNodesRequest{Stale: true}, false},
		{"GetNode", &controlv1.GetNodeRequest{}, true},
		{"GetJobRun", &controlv1.GetJobRunRequest{}, false},
		{"ForgetNode", &controlv1.ForgetNodeRequest{}, true},
	} {
		if got := forLeader(c.method, c.req); got != c.want {
			t.Errorf("%s %v: for the leader %v", c.method, c.req, got)
		}
	}
}
