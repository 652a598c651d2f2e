package logs

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
)

// peer serves a store as another server does.
type peer struct {
	peerv1.UnimplementedPeerServiceServer
	store *Store
	down  bool
}

func (p *peer) ListLogs(_ context.Context, r *peerv1.ListLogsRequest) (*peerv1.ListLogsResponse, error) {
	if p.down {
		return nil, status.Error(codes.Unavailable, "down")
	}
	files, err := p.store.List(r.GetFolder())
	answer := &peerv1.ListLogsResponse{}
	for _, f := range files {
		answer.Files = append(answer.Files, &peerv1.LogFile{Path: f.Path, Size: f.Size})
	}
	return answer, err
}

func (p *peer) ReadLog(r *peerv1.ReadLogRequest, stream grpc.ServerStreamingServer[peerv1.ReadLogResponse]) error {
	from, err := p.store.Read(r.GetPath(), r.GetOffset())
	if err != nil {
		return err
	}
	defer from.Close()
	return chunk.Send(
		from,
		ChunkBytes,
		func(chunk []byte) error { return stream.Send(&peerv1.ReadLogResponse{Data: chunk}) },
	)
}

// pair is a server's view of the logs of two.
func pair(t *testing.T) (r *Replicas, other *peer) {
	t.Helper()
	local, _ := open(t)
	remote, _ := open(t)
	other = &peer{store: remote}
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	peerv1.RegisterPeerServiceServer(server, other)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	conn, err := grpc.NewClient(
		"passthrough:///peer",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(
			func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) },
		),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
		<-done
	})
	return &Replicas{
		Local: local,
		Peers: func() []grpc.ClientConnInterface { return []grpc.ClientConnInterface{conn} },
	}, other
}

// Agents store every file twice and either copy may be the shorter one: a reader gets the longer one, from any offset.
func TestReplicas_ReadTheLongestOfTwoCopies(t *testing.T) {
	r, other := pair(t)
	random := rand.New(rand.NewPCG(6, 6))
	log := make([]byte, 1<<20)
	for i := range log {
		log[i] = byte(random.Int())
	}
	stores := []*Store{r.Local, other.store}
	sizes := []int64{0, 0}
	for range 60 {
		i := random.IntN(2)
		offset := random.Int64N(int64(len(log)))
		if random.IntN(4) > 0 {
			offset = sizes[i]
		}
		size, err := stores[i].Append(aFile, offset, log[offset:min(offset+random.Int64N(100_000), int64(len(log)))])
		if err != nil {
			t.Fatal(err)
		}
		sizes[i] = size
		longest := max(sizes[0], sizes[1])
		if longest == 0 {
			continue
		}
		if got, err := r.Stat(t.Context(), aFile); err != nil || got != longest {
			t.Fatalf("size %d, %v; want %d", got, err, longest)
		}
		at := random.Int64N(longest)
		from, err := r.Read(t.Context(), aFile, at)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(from)
		if err != nil || !bytes.Equal(got, log[at:longest]) {
			t.Fatalf("from %d of %d: %d bytes, %v", at, longest, len(got), err)
		}
		_ = from.Close()
	}
}

func TestReplicas_AServerThatIsDownIsLeftOut(t *testing.T) {
	r, other := pair(t)
	_, err := r.Local.Append(aFile, 0, []byte("here"))
	if err == nil {
		_, err = other.store.Append(aFile, 0, []byte("here and there"))
	}
	if err != nil {
		t.Fatal(err)
	}
	other.down = true
	if size, err := r.Stat(t.Context(), aFile); err != nil || size != 4 {
		t.Errorf("size %d, %v", size, err)
	}
	if _, err := r.Stat(t.Context(), aFile+"x"); !errs.Is(err, errs.NotFound) {
		t.Errorf("a file that is nowhere: %v", err)
	}
}

func TestFetch_SendsAFolderFileByFile(t *testing.T) {
	r, other := pair(t)
	for file, store := range map[string]*Store{
		"x/sparklogs/e/events_1": r.Local,
		"x/sparklogs/e/events_2": other.store,
		"x/sparklogs2/no":        r.Local,
	} {
		if _, err := store.Append(top+"/"+file, 0, []byte(strings.Repeat(file, 40_000))); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]string{}
	var names []string
	err := r.Fetch(t.Context(), top+"/x/sparklogs/", nil, func(path string, data []byte) error {
		if !slices.Contains(names, path) {
			names = append(names, path)
		}
		got[path] += string(data)
		return nil
	})
	if err != nil ||
		strings.Join(names, " ") != "applications/x/sparklogs/e/events_1 applications/x/sparklogs/e/events_2" {
		t.Fatalf("%v, %v", names, err)
	}
	for _, name := range names {
		if want := strings.Repeat(strings.TrimPrefix(name, top+"/"), 40_000); got[name] != want {
			t.Errorf("%s has %d bytes, not %d", name, len(got[name]), len(want))
		}
	}
}

func TestA10_FetchSendsTheFilesThatAreNamed(t *testing.T) {
	r, other := pair(t)
	for file, store := range map[string]*Store{
		"e/events_1": r.Local,
		"e/events_2": other.store,
		"e/events_3": other.store,
	} {
		if _, err := store.Append(top+"/x/sparklogs/"+file, 0, []byte(file)); err != nil {
			t.Fatal(err)
		}
	}
	files, err := r.List(t.Context(), top+"/x/sparklogs/")
	if err != nil || len(files) != 3 || files[1] != (File{Path: top + "/x/sparklogs/e/events_2", Size: 10}) {
		t.Errorf("there are %v, %v", files, err)
	}
	var got []string
	only := []string{"e/events_3", "e/events_1", "e/events_9"}
	err = r.Fetch(t.Context(), top+"/x/sparklogs/", only, func(_ string, data []byte) error {
		got = append(got, string(data))
		return nil
	})
	if err != nil || strings.Join(got, " ") != "e/events_1 e/events_3" {
		t.Errorf("sent are %v, %v", got, err)
	}
}
