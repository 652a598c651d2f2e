package dispatch

import (
	"context"

	"google.golang.org/grpc"

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

// StoreLog keeps a part of a managed log on this server.
func (d *Dispatch) StoreLog(_ context.Context, r *agentv1.StoreLogRequest) (*agentv1.StoreLogResponse, error) {
	if d.cfg.Logs == nil {
		return nil, grpcerr.ToStatus(d.keptElsewhere())
	}
	size, err := d.cfg.Logs.Append(r.GetPath(), r.GetOffset(), r.GetData())
	return &agentv1.StoreLogResponse{Size: size}, grpcerr.ToStatus(err)
}

// FetchLog streams managed logs that the servers keep.
func (d *Dispatch) FetchLog(r *agentv1.FetchLogRequest, stream grpc.ServerStreamingServer[agentv1.FetchLogResponse]) error {
	if d.cfg.Logs == nil {
		return grpcerr.ToStatus(d.keptElsewhere())
	}
	return grpcerr.ToStatus(d.cfg.Logs.Fetch(stream.Context(), r.GetPath(), func(path string, data []byte) error {
		return stream.Send(&agentv1.FetchLogResponse{Path: path, Data: data})
	}))
}

func (d *Dispatch) keptElsewhere() error {
	return errs.New(errs.WrongState, "the servers keep no logs on their disks: managed logs are at %s", d.ManagedLogs())
}
