package peers

import (
	"context"
	"io"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
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

// errNoLogs is for those who ask this server for logs that are elsewhere.
var errNoLogs = errs.New(errs.NotFound, "this server keeps no managed logs on its disk")

// ListLogs lists the log files that this server keeps below a folder.
func (s *Service) ListLogs(_ context.Context, r *peerv1.ListLogsRequest) (*peerv1.ListLogsResponse, error) {
	if s.cfg.Logs == nil {
		return nil, grpcerr.ToStatus(errNoLogs)
	}
	files, err := s.cfg.Logs.ListLocal(r.GetFolder())
	answer := &peerv1.ListLogsResponse{}
	for _, f := range files {
		answer.Files = append(answer.Files, &peerv1.LogFile{Path: f.Path, Size: f.Size})
	}
	return answer, grpcerr.ToStatus(err)
}

// ReadLog streams a log file as this server has it.
func (s *Service) ReadLog(
	r *peerv1.ReadLogRequest,
	stream grpc.ServerStreamingServer[peerv1.ReadLogResponse],
) error {
	if s.cfg.Logs == nil {
		return grpcerr.ToStatus(errNoLogs)
	}
	from, err := s.cfg.Logs.ReadLocal(r.GetPath(), r.GetOffset())
	if err != nil {
		return grpcerr.ToStatus(err)
	}
	defer func() { _ = from.Close() }()
	send := func(chunk []byte) error { return stream.Send(&peerv1.ReadLogResponse{Data: chunk}) }
	return grpcerr.ToStatus(chunk.Send(from, logs.ChunkBytes, send))
}
