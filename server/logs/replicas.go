package logs

import (
	"context"
	"errors"
	"io"
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
	// listTime is how long another server may take to say what it has; one that is down is left out.
	listTime = 2 * time.Second
	// ChunkBytes is the largest part of a file in one message.
	ChunkBytes = 256 << 10
)

// Replicas reads files from all servers: each from the one that has most of it, which holds the beginnings that the others have.
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

// copyOf is a server's copy of a file.
type copyOf struct {
	File
	peer grpc.ClientConnInterface // nil: this server
}

// Stat returns how large the largest copy of a file is; NotFound when no server that answers has one.
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

// Fetch sends a file, or all files of a folder whose name ends with a slash, one after another; each begins with its path.
func (r *Replicas) Fetch(ctx context.Context, file string, send func(path string, data []byte) error) error {
	if !strings.HasSuffix(file, "/") {
		best, err := r.best(ctx, file)
		if err != nil {
			return err
		}
		return r.send(ctx, best, send)
	}
	all, err := r.list(ctx, file)
	if err != nil {
		return err
	}
	for _, one := range all {
		if err := r.send(ctx, one, send); err != nil {
			return err
		}
	}
	return nil
}

func (r *Replicas) send(ctx context.Context, one copyOf, send func(path string, data []byte) error) (err error) {
	from, err := r.open(ctx, one, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	name := one.Path
	err = chunk.Send(from, ChunkBytes, func(chunk []byte) error {
		defer func() { name = "" }()
		return send(name, chunk)
	})
	if err == nil && name != "" { // an empty file is one, too
		err = send(name, nil)
	}
	return err
}

func (r *Replicas) best(ctx context.Context, file string) (copyOf, error) {
	if err := checkFile(file); err != nil {
		return copyOf{}, err
	}
	all, err := r.list(ctx, file[:strings.LastIndexByte(file, '/')+1])
	if err != nil {
		return copyOf{}, err
	}
	at, found := slices.BinarySearchFunc(all, file, func(c copyOf, file string) int { return strings.Compare(c.Path, file) })
	if !found {
		return copyOf{}, errs.New(errs.NotFound, "no server that answers keeps %s", file)
	}
	return all[at], nil
}

// list returns the largest copy of each file of a folder, ordered by path. This server has to answer, others may.
func (r *Replicas) list(ctx context.Context, folder string) ([]copyOf, error) {
	local, err := r.Local.List(folder)
	if err != nil {
		return nil, err
	}
	best := map[string]copyOf{}
	keep := func(f File, peer grpc.ClientConnInterface) {
		if had, ok := best[f.Path]; !ok || f.Size > had.Size {
			best[f.Path] = copyOf{f, peer}
		}
	}
	for _, f := range local {
		keep(f, nil)
	}
	peers := r.Peers()
	for i, files := range listPeers(ctx, peers, folder) {
		for _, f := range files {
			keep(File{Path: f.GetPath(), Size: f.GetSize()}, peers[i])
		}
	}
	all := make([]copyOf, 0, len(best))
	for _, one := range best {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b copyOf) int { return strings.Compare(a.Path, b.Path) })
	return all, nil
}

// listPeers asks all servers at once; what one that does not answer has is nothing.
func listPeers(ctx context.Context, peers []grpc.ClientConnInterface, folder string) [][]*peerv1.LogFile {
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	lists := make([][]*peerv1.LogFile, len(peers))
	var group sync.WaitGroup
	for i, peer := range peers {
		group.Go(func() {
			if answer, err := peerv1.NewPeerServiceClient(peer).ListLogs(ctx, &peerv1.ListLogsRequest{Folder: folder}); err == nil {
				lists[i] = answer.GetFiles()
			}
		})
	}
	group.Wait()
	return lists
}

func (r *Replicas) open(ctx context.Context, one copyOf, offset int64) (io.ReadCloser, error) {
	if one.peer == nil {
		return r.Local.Read(one.Path, offset)
	}
	ctx, cancel := context.WithCancel(ctx)
	stream, err := peerv1.NewPeerServiceClient(one.peer).ReadLog(ctx, &peerv1.ReadLogRequest{Path: one.Path, Offset: offset})
	if err != nil {
		cancel()
		return nil, grpcerr.FromStatus(err)
	}
	return &chunk.Reader{Stop: cancel, Next: func() ([]byte, error) {
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil, err
		}
		return m.GetData(), grpcerr.FromStatus(err)
	}}, nil
}
