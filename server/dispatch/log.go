package dispatch

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Logs is what dispatch needs of package server/logs.
type Logs interface {
	// Append keeps a part of a file on this server and returns the file's size.
	Append(file string, offset int64, data []byte) (size int64, err error)
	// Fetch sends a file, or all files of a folder, from the servers that have most of them.
	Fetch(ctx context.Context, file string, send func(path string, data []byte) error) error
}

// StoreLog keeps a part of a managed log on this server, for the node whose worker wrote it.
func (d *Dispatch) StoreLog(ctx context.Context, r *agentv1.StoreLogRequest) (*agentv1.StoreLogResponse, error) {
	if d.cfg.Logs == nil {
		return nil, grpcerr.ToStatus(d.keptElsewhere())
	}
	may := func(view *state.View, node *state.Node) error { return d.mayStore(view, node, r.GetPath()) }
	if err := d.admit(ctx, may); err != nil {
		return nil, grpcerr.ToStatus(err)
	}
	size, err := d.cfg.Logs.Append(r.GetPath(), r.GetOffset(), r.GetData())
	return &agentv1.StoreLogResponse{Size: size}, grpcerr.ToStatus(err)
}

// FetchLog streams a folder of managed logs that the servers keep, to a node that was asked to show it.
func (d *Dispatch) FetchLog(
	r *agentv1.FetchLogRequest,
	stream grpc.ServerStreamingServer[agentv1.FetchLogResponse],
) error {
	if d.cfg.Logs == nil {
		return grpcerr.ToStatus(d.keptElsewhere())
	}
	folder, _ := strings.CutSuffix(r.GetPath(), "/")
	may := func(_ *state.View, node *state.Node) error {
		return d.cfg.Grants.Check(r.GetGrant(), node.ID, folder, time.Now())
	}
	if err := d.admit(stream.Context(), may); err != nil {
		return grpcerr.ToStatus(err)
	}
	send := func(path string, data []byte) error {
		return stream.Send(&agentv1.FetchLogResponse{Path: path, Data: data})
	}
	return grpcerr.ToStatus(d.cfg.Logs.Fetch(stream.Context(), folder+"/", send))
}

func (d *Dispatch) keptElsewhere() error {
	return errs.New(errs.WrongState, "the servers keep no logs on their disks: managed logs are at %s", d.ManagedLogs())
}
