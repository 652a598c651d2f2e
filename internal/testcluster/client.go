package testcluster

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/internal/grpcerr"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// Client is the native API of one server.
type Client struct {
	controlv1.ApplicationServiceClient
	controlv1.JobRunServiceClient
	controlv1.NodeServiceClient
	controlv1.ClusterServiceClient
	controlv1.AccessKeyServiceClient
	controlv1.TagServiceClient
	controlv1.WorkerServiceClient
	controlv1.HistoryServiceClient
}

func newClient(conn grpc.ClientConnInterface) *Client {
	return &Client{
		controlv1.NewApplicationServiceClient(conn),
		controlv1.NewJobRunServiceClient(conn),
		controlv1.NewNodeServiceClient(conn),
		controlv1.NewClusterServiceClient(conn),
		controlv1.NewAccessKeyServiceClient(conn),
		controlv1.NewTagServiceClient(conn),
		controlv1.NewWorkerServiceClient(conn),
		controlv1.NewHistoryServiceClient(conn),
	}
}

// Anywhere makes a call on one server after the other until one answers, as a client does that knows them all. The call
// has to be one that may be repeated.
func (c *Cluster) Anywhere(ctx context.Context, call func(*Client) error) error {
	for {
		err := error(errs.New(errs.Unavailable, "no server runs"))
		for _, s := range c.Servers {
			if !s.running.Load() {
				continue
			}
			err = grpcerr.FromStatus(call(s.Client()))
			if !errs.Is(err, errs.Unavailable) && !errs.Is(err, errs.Unknown) && !errs.Is(err, errs.NotLeader) {
				return err
			}
		}
		if !every.Pause(ctx, 50*time.Millisecond) {
			return err
		}
	}
}
