package attack

import (
	"testing"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// Calls whose message does not come took memory for as long as their client liked, in any number.
func TestServerGRPC_CallsWithoutTheirMessageTakeOnlyTheirShareForSeconds(t *testing.T) {
	t.Parallel()
	cluster := startCluster(t, testcluster.Config{Servers: 1, TLS: true})
	ctx := testcluster.Within(t)
	server := cluster.Leader()
	eve := cluster.As(server, "client", "eve")
	ann := cluster.As(server, "client", "ann")
	conn := cluster.Dial(server, "eve")
	t.Cleanup(func() { _ = conn.Close() })
	var begun []grpc.ClientStream
	for range 600 {
		stream, err := conn.NewStream(
			ctx,
			&grpc.StreamDesc{ClientStreams: true},
			controlv1.ClusterService_GetClusterStatus_FullMethodName,
		)
		if err != nil {
			t.Fatal(err)
		}
		begun = append(begun, stream)
	}
	status := &controlv1.GetClusterStatusRequest{}
	testcluster.Eventually(t, "eve to be refused", func() bool {
		_, err := eve.GetClusterStatus(ctx, status)
		return errs.Is(grpcerr.FromStatus(err), errs.Overloaded)
	})
	if _, err := ann.GetClusterStatus(ctx, status); err != nil {
		t.Errorf("another user: %v", err)
	}
	for _, stream := range begun {
		if err := grpcerr.FromStatus(stream.RecvMsg(&controlv1.GetClusterStatusResponse{})); !errs.Is(err, errs.Overloaded) &&
			!errs.Is(err, errs.Invalid) {
			t.Fatalf("a call without its message ends with %v", err)
		}
	}
	if _, err := eve.GetClusterStatus(ctx, status); err != nil {
		t.Errorf("eve, after that: %v", err)
	}
}
