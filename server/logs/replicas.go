package logs

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
)

const (
	// listTime is how long another server may take to say what it has. A server that is down is left out.
	listTime = 2 * time.Second
	// ChunkBytes is the largest part of a file in one message.
	ChunkBytes = 256 << 10
)

// Replicas reads files from all servers: each from the server that has the longest copy, of which the other copies are
// beginnings.
type Replicas struct {
	Local *Store
	// Peers returns connections to all other servers.
	Peers func() []grpc.ClientConnInterface
}

// Append keeps a part of a file on this server; see Store.Append.
func (r *Replicas) Append(file string, offset int64, data []byte) (size int64, err error) {
	return r.Local.Append(file, offset, data)
}

// ListLocal returns the files of a folder that this server has; see Store.List.
func (r *Replicas) ListLocal(folder string) ([]File, error) { return r.Local.List(folder) }

// ReadLocal opens a file as this server has it; see Store.Read.
func (r *Replicas) ReadLocal(file string, offset int64) (io.ReadCloser, error) {
	return r.Local.Read(file, offset)
}

// replica is a server's copy of a file.
type replica struct {
	File
	peer grpc.ClientConnInterface // nil: this server
}

// Stat returns how large the largest copy of a file is. The error is NotFound if no server that answers has one.
func (r *Replicas) Stat(ctx context.Context, file string) (size int64, err error) {
	best, err := r.best(ctx, file)
	return best.Size, err
}

// Read opens the largest copy of a file from an offset on.
func (r *Replicas) Read(ctx context.Context, file string, offset int64) (io.ReadCloser, error) {
	best, err := r.best(ctx, file)
	if err != nil {
		return nil, err
	}
	return r.open(ctx, best, offset)
}

// List returns the largest copies of all files of a folder, whose name ends with a slash, ordered by path.
func (r *Replicas) List(ctx context.Context, folder string) (files []File, err error) {
	all, err := r.list(ctx, folder)
	for _, one := range all {
		files = append(files, one.File)
	}
	return files, err
}

// Fetch sends files of a folder, whose name ends with a slash, one after another, in parts of at most ChunkBytes: those
// with these paths below the folder, or all if none are named. Each part has the path of its file; an empty file has
// one part.
func (r *Replicas) Fetch(
	ctx context.Context, folder string, only []string, send func(path string, data []byte) error,
) error {
	all, err := r.list(ctx, folder)
	if err != nil {
		return err
	}
	for _, one := range all {
		if len(only) > 0 && !slices.Contains(only, strings.TrimPrefix(one.Path, folder)) {
			continue
		}
		if err := r.send(ctx, one, send); err != nil {
			return err
		}
	}
	return nil
}

func (r *Replicas) send(ctx context.Context, one replica, send func(path string, data []byte) error) (err error) {
	from, err := r.open(ctx, one, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	sent := false
	err = chunk.Send(from, ChunkBytes, func(chunk []byte) error {
		sent = true
		return send(one.Path, chunk)
	})
	if err == nil && !sent {
		err = send(one.Path, nil)
	}
	return err
}

// best returns the largest copy of a file.
func (r *Replicas) best(ctx context.Context, file string) (replica, error) {
	if err := checkFile(file); err != nil {
		return replica{}, err
	}
	all, err := r.list(ctx, file[:strings.LastIndexByte(file, '/')+1])
	if err != nil {
		return replica{}, err
	}
	at, found := slices.BinarySearchFunc(all, file, func(one replica, file string) int {
		return strings.Compare(one.Path, file)
	})
	if !found {
		return replica{}, errs.New(errs.NotFound, "no server that answers keeps %s", file)
	}
	return all[at], nil
}

// list returns the largest copy of each file of a folder, ordered by path. This server has to answer, others may.
func (r *Replicas) list(ctx context.Context, folder string) ([]replica, error) {
	local, err := r.Local.List(folder)
	if err != nil {
		return nil, err
	}
	best := largest{}
	for _, f := range local {
		best.add(replica{File: f})
	}
	peers := r.Peers()
	for i, files := range listPeers(ctx, peers, folder) {
		for _, f := range files {
			best.add(replica{
				File: File{Path: f.GetPath(), Size: f.GetSize()},
				peer: peers[i],
			})
		}
	}
	return best.ordered(), nil
}

// largest is the largest copy of each file, by path.
type largest map[string]replica

// add takes a copy, unless one that is as large was added before.
func (l largest) add(one replica) {
	if had, ok := l[one.Path]; !ok || one.Size > had.Size {
		l[one.Path] = one
	}
}

func (l largest) ordered() []replica {
	return slices.SortedFunc(maps.Values(l), func(a, b replica) int { return strings.Compare(a.Path, b.Path) })
}

// listPeers asks all servers at once. If a server does not answer, it counts as one that has nothing.
func listPeers(ctx context.Context, peers []grpc.ClientConnInterface, folder string) [][]*peerv1.LogFile {
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	lists := make([][]*peerv1.LogFile, len(peers))
	var group sync.WaitGroup
	for i, peer := range peers {
		group.Go(func() {
			request := &peerv1.ListLogsRequest{Folder: folder}
			answer, err := peerv1.NewPeerServiceClient(peer).ListLogs(ctx, request)
			if err == nil {
				lists[i] = answer.GetFiles()
			}
		})
	}
	group.Wait()
	return lists
}

// open opens a copy, here or on another server.
func (r *Replicas) open(ctx context.Context, one replica, offset int64) (io.ReadCloser, error) {
	if one.peer == nil {
		return r.Local.Read(one.Path, offset)
	}
	ctx, cancel := context.WithCancel(ctx)
	request := &peerv1.ReadLogRequest{Path: one.Path, Offset: offset}
	stream, err := peerv1.NewPeerServiceClient(one.peer).ReadLog(ctx, request)
	if err != nil {
		cancel()
		return nil, grpcerr.FromStatus(err)
	}
	next := chunk.Of(stream.Recv, (*peerv1.ReadLogResponse).GetData)
	return &chunk.Reader{
		Next: func() ([]byte, error) {
			data, err := next()
			return data, grpcerr.FromStatus(err) // io.EOF has no status and stays
		},
		Stop: cancel,
	}, nil
}
