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
	"github.com/headrace/headrace/server/logs"
)

// Logs is what dispatch needs of package server/logs.
type Logs interface {
	// Append keeps a part of a file on this server and returns the file's size.
	Append(file string, offset int64, data []byte) (size int64, err error)
	// List returns the files of a folder, and Fetch sends those that are named, or all, from the servers that have most
	// of them.
	List(ctx context.Context, folder string) ([]logs.File, error)
	Fetch(ctx context.Context, folder string, only []string, send func(path string, data []byte) error) error
}

// maxFetched is how many files are named at once.
const maxFetched = 256

// StoreLog keeps a part of a managed log on this server, for the node whose worker wrote it.
func (d *Dispatch) StoreLog(ctx context.Context, r *agentv1.StoreLogRequest) (*agentv1.StoreLogResponse, error) {
	if d.cfg.Logs == nil {
		return nil, grpcerr.ToStatus(d.keptElsewhere())
	}
	may := func(view *state.View, node *state.Node) error { return d.mayStore(ctx, view, node, r.GetPath()) }
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
	if r.GetSizes() {
		return grpcerr.ToStatus(d.sendSizes(folder+"/", stream))
	}
	if len(r.GetFiles()) > maxFetched {
		return grpcerr.ToStatus(errs.Field("files", "%d are more than %d", len(r.GetFiles()), maxFetched))
	}
	send := func(path string, data []byte) error {
		return stream.Send(&agentv1.FetchLogResponse{Path: path, Data: data})
	}
	return grpcerr.ToStatus(d.cfg.Logs.Fetch(stream.Context(), folder+"/", r.GetFiles(), send))
}

// sendSizes sends what there is in a folder.
func (d *Dispatch) sendSizes(folder string, stream grpc.ServerStreamingServer[agentv1.FetchLogResponse]) error {
	files, err := d.cfg.Logs.List(stream.Context(), folder)
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := stream.Send(&agentv1.FetchLogResponse{Path: file.Path, Size: file.Size}); err != nil {
			return err
		}
	}
	return nil
}

func (d *Dispatch) keptElsewhere() error {
	return errs.New(errs.WrongState, "the servers keep no logs on their disks: managed logs are at %s", d.ManagedLogs())
}
