package uploads

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/copies"
)

// peer is another server. One that is dead answers nothing.
type peer struct {
	peerv1.UnimplementedPeerServiceServer
	replicas *Replicas
	dead     bool
}

func (p *peer) KeepUpload(ctx context.Context, r *peerv1.KeepUploadRequest) (*peerv1.KeepUploadResponse, error) {
	if p.dead {
		return nil, grpcerr.ToStatus(errs.New(errs.Unavailable, "this server is dead"))
	}
	err := p.replicas.Ensure(ctx, Key{User: r.GetUser(), Digest: [32]byte(r.GetDigest())})
	return &peerv1.KeepUploadResponse{}, grpcerr.ToStatus(err)
}

func (p *peer) FetchUpload(
	r *peerv1.FetchUploadRequest, stream grpc.ServerStreamingServer[peerv1.FetchUploadResponse],
) error {
	if p.dead {
		return grpcerr.ToStatus(errs.New(errs.Unavailable, "this server is dead"))
	}
	key := Key{User: r.GetUser(), Digest: [32]byte(r.GetDigest())}
	return grpcerr.ToStatus(p.replicas.Local.Stream(key, func(part []byte) error {
		return stream.Send(&peerv1.FetchUploadResponse{Chunk: part})
	}))
}

// servers returns three servers that reach each other.
func servers(t *testing.T) (all []*peer) {
	t.Helper()
	var connections []grpc.ClientConnInterface
	for i := range 3 {
		p := &peer{}
		p.replicas = &Replicas{Local: open(t, DefaultBounds(), new([]Key))}
		p.replicas.Peers = func() copies.Voters {
			others := append([]grpc.ClientConnInterface(nil), connections[:i]...)
			return copies.Voters{Others: append(others, connections[i+1:]...), Self: true, Majority: 2}
		}
		connections = append(connections, serve(t, p))
		all = append(all, p)
	}
	return all
}

// serve serves a server until the test ends, and returns a connection to it.
func serve(t *testing.T, p *peer) grpc.ClientConnInterface {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	peerv1.RegisterPeerServiceServer(server, p)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
		<-served
	})
	return conn
}

func TestD3_AnUploadIsAcknowledgedWhenAMajorityKeepsIt(t *testing.T) {
	all := servers(t)
	key := keep(t, all[0].replicas.Local, "ann", "print(1)", 3<<20, 0)
	all[1].dead = true
	if err := all[0].replicas.Spread(t.Context(), key); err != nil || !all[2].replicas.Local.Has(key) {
		t.Errorf("with one dead server: %v", err)
	}
	all[2].dead = true
	another := keep(t, all[0].replicas.Local, "ann", "print(2)", 100, 0)
	if err := all[0].replicas.Spread(t.Context(), another); !errs.Is(err, errs.Unavailable) {
		t.Errorf("with two dead servers: %v", err)
	}
}

// A server that does not know who votes acknowledges nothing: it would count itself alone.
func TestD3_AServerThatKnowsNobodyAcknowledgesNothing(t *testing.T) {
	alone := &Replicas{Local: open(t, DefaultBounds(), new([]Key))}
	alone.Peers = func() copies.Voters { return copies.Voters{} }
	key := keep(t, alone.Local, "ann", "print(1)", 100, 0)
	if err := alone.Spread(t.Context(), key); !errs.Is(err, errs.Unavailable) {
		t.Errorf("it says %v", err)
	}
}

// A server that was just started does not reach the others yet: it does not say that none of them has a file.
func TestD3_AServerThatReachesNobodyKnowsOfNoFile(t *testing.T) {
	alone := &Replicas{Local: open(t, DefaultBounds(), new([]Key))}
	key, _ := file("ann", "print(1)", 100)
	for _, c := range []struct {
		voters copies.Voters
		want   errs.Kind
	}{
		{copies.Voters{}, errs.Unavailable},
		{copies.Voters{Self: true, Majority: 2}, errs.Unavailable},
		{copies.Voters{Self: true, Majority: 1}, errs.NotFound},
	} {
		alone.Peers = func() copies.Voters { return c.voters }
		if err := alone.Ensure(t.Context(), key); !errs.Is(err, c.want) {
			t.Errorf("with %+v: %v, want %v", c.voters, err, c.want)
		}
	}
}

// A server that knows who votes, and reaches too few of them, says so in words.
func TestD3_AServerThatReachesNobodyAcknowledgesNothing(t *testing.T) {
	alone := &Replicas{Local: open(t, DefaultBounds(), new([]Key))}
	alone.Peers = func() copies.Voters { return copies.Voters{Self: true, Majority: 2} }
	key := keep(t, alone.Local, "ann", "print(1)", 100, 0)
	err := alone.Spread(t.Context(), key)
	if !errs.Is(err, errs.Unavailable) || strings.Contains(err.Error(), "%!") {
		t.Errorf("it says %v", err)
	}
}

// A copy that is damaged says nothing of those that do not answer: one of them may be whole.
func TestD3_ADamagedCopyDoesNotMeanThatThereIsNone(t *testing.T) {
	all := servers(t)
	key := keep(t, all[1].replicas.Local, "ann", "print(1)", 100, 0)
	all[1].replicas.Local.damage(t, key)
	all[2].dead = true
	if err := all[0].replicas.Ensure(t.Context(), key); !errs.Is(err, errs.Unavailable) {
		t.Errorf("with one damaged copy and one dead server: %v", err)
	}
}

// A server without a vote counts itself not among those that have a file.
func TestD3_AServerWithoutAVoteIsNoPartOfTheMajority(t *testing.T) {
	all := servers(t)
	key := keep(t, all[0].replicas.Local, "ann", "print(1)", 100, 0)
	all[1].dead = true
	known := all[0].replicas.Peers()
	known.Self = false
	all[0].replicas.Peers = func() copies.Voters { return known }
	if err := all[0].replicas.Spread(t.Context(), key); !errs.Is(err, errs.Unavailable) {
		t.Errorf("with one of two voters: %v", err)
	}
}

// damage changes a byte of a file.
func (s *Store) damage(t *testing.T, k Key) {
	t.Helper()
	file, err := os.OpenFile(s.path(k), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.WriteAt([]byte{0xff}, 10)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestD3_AServerWithoutTheFileBringsItFromAnother(t *testing.T) {
	all := servers(t)
	key, content := file("ann", "print(1)", 3<<20)
	if err := all[1].replicas.Ensure(t.Context(), key); !errs.Is(err, errs.NotFound) {
		t.Errorf("a file that nobody has: %v", err)
	}
	if err := all[0].replicas.Local.Keep(key, int64(len(content)), bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	var got []byte
	err := all[1].replicas.Stream(t.Context(), key, func(part []byte) error {
		got = append(got, part...)
		return nil
	})
	if err != nil || !bytes.Equal(got, content) || !all[1].replicas.Local.Has(key) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := all[2].replicas.Ensure(t.Context(), Key{User: "bob", Digest: key.Digest}); !errs.Is(err, errs.NotFound) {
		t.Errorf("bob uses ann's: %v", err)
	}
	all[1].replicas.Local.damage(t, key)
	if err := all[2].replicas.Ensure(t.Context(), key); err != nil {
		t.Errorf("while one copy is damaged: %v", err)
	}
	if err := os.Remove(all[2].replicas.Local.path(key)); err != nil {
		t.Fatal(err)
	}
	all[0].dead = true
	all[1].dead = true
	if err := all[2].replicas.Ensure(t.Context(), key); !errs.Is(err, errs.Unavailable) {
		t.Errorf("while those that have it are dead: %v", err)
	}
}
