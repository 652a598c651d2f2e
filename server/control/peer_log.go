package control

import (
	"context"
	"io"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/logs"
)

// LocalLogs is the managed logs on this server's disk.
type LocalLogs interface {
	// ListLocal returns the files of a folder.
	ListLocal(folder string) ([]logs.File, error)
	// ReadLocal opens a file from an offset on; NotFound if it is not here.
	ReadLocal(file string, offset int64) (io.ReadCloser, error)
}

// ListLogs lists the log files that this server keeps below a folder.
func (p *Peer) ListLogs(_ context.Context, r *peerv1.ListLogsRequest) (*peerv1.ListLogsResponse, error) {
	if p.cfg.LocalLogs == nil {
		return nil, grpcerr.ToStatus(errNoLogs)
	}
	files, err := p.cfg.LocalLogs.ListLocal(r.GetFolder())
	answer := &peerv1.ListLogsResponse{}
	for _, f := range files {
		answer.Files = append(answer.Files, &peerv1.LogFile{Path: f.Path, Size: f.Size})
	}
	return answer, grpcerr.ToStatus(err)
}

// ReadLog streams a log file as this server has it.
func (p *Peer) ReadLog(r *peerv1.ReadLogRequest, stream grpc.ServerStreamingServer[peerv1.ReadLogResponse]) error {
	if p.cfg.LocalLogs == nil {
		return grpcerr.ToStatus(errNoLogs)
	}
	from, err := p.cfg.LocalLogs.ReadLocal(r.GetPath(), r.GetOffset())
	if err != nil {
		return grpcerr.ToStatus(err)
	}
	defer func() { _ = from.Close() }()
	return grpcerr.ToStatus(chunk.Send(from, logs.ChunkBytes, func(chunk []byte) error { return stream.Send(&peerv1.ReadLogResponse{Data: chunk}) }))
}
