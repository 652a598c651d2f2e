package history

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/copies"
	"github.com/headrace/headrace/server/history/segment"
)

// other is another server.
type other struct {
	peerv1.UnimplementedPeerServiceServer
	local *Store
	asked atomic.Int64
}

func (o *other) FetchHistory(
	r *peerv1.FetchHistoryRequest, stream grpc.ServerStreamingServer[peerv1.FetchHistoryResponse],
) error {
	o.asked.Add(1)
	return grpcerr.ToStatus(o.local.Stream(hex.EncodeToString(r.GetDigest()), func(part []byte) error {
		return stream.Send(&peerv1.FetchHistoryResponse{Chunk: part})
	}))
}

// serve serves another server until the test ends, and returns who votes beside it.
func serve(t *testing.T, o *other) func() copies.Voters {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	server := grpc.NewServer()
	peerv1.RegisterPeerServiceServer(server, o)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(t, err)
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
		<-served
	})
	return func() copies.Voters {
		return copies.Voters{Others: []grpc.ClientConnInterface{conn}, Self: true, Majority: 2}
	}
}

// twins are a history and another server with the same segments.
func twins(t *testing.T, parts ...[]int) (*History, *state.View, *other) {
	t.Helper()
	h, view := archived(t, parts...)
	store, err := OpenStore(t.TempDir())
	must(t, err)
	for of := range view.Segments("") {
		from, err := os.Open(h.replicas.Local.path(of.Name()))
		must(t, err)
		must(t, errors.Join(store.Keep(of.Name(), of.Bytes, from), from.Close()))
	}
	o := &other{local: store}
	h.replicas.Peers = serve(t, o)
	return h, view, o
}

func segmentsOf(view *state.View) []*state.Segment { return slices.Collect(view.Segments("")) }

// flip changes a byte of a file.
func flip(t *testing.T, path string, at int) {
	t.Helper()
	content, err := os.ReadFile(path)
	must(t, err)
	if at < 0 {
		at += len(content)
	}
	content[at] ^= 0x55
	must(t, os.WriteFile(path, content, 0o600))
}

func recalls(t *testing.T, h *History, view *state.View, n int) {
	t.Helper()
	recalled, err := h.Recall(t.Context(), view, id("r", n))
	if err != nil || recalled.JobRun(id("r", n)) == nil {
		t.Errorf("run %d is not there: %v", n, err)
	}
}

// Wherever an index or a copy of a segment is damaged, a call brings it anew and answers as ever.
func TestRecall_MendsWhatIsDamaged(t *testing.T) {
	h, view, _ := twins(t, []int{1, 2, 3, 4})
	local := h.replicas.Local
	of := segmentsOf(view)[0]
	recalls(t, h, view, 2)
	index, err := os.ReadFile(local.indexPath(of.Name()))
	must(t, err)
	for at := 0; at < len(index); at += 37 {
		flip(t, local.indexPath(of.Name()), at)
		recalls(t, h, view, 1+at%4)
		must(t, os.WriteFile(local.indexPath(of.Name()), index, 0o600))
	}
	for _, at := range []int{0, int(of.Bytes) / 3, int(of.Bytes) / 2, -20, -1} {
		flip(t, local.path(of.Name()), at)
		must(t, os.Remove(local.indexPath(of.Name())))
		recalls(t, h, view, 2)
	}
	must(t, os.Truncate(local.path(of.Name()), of.Bytes-1))
	recalls(t, h, view, 3)
	if !local.Has(of) {
		t.Error("no whole copy came in the place of a short one")
	}
}

// A copy that cannot be opened is not one that is damaged: it stays, and so does one of which there is no other.
func TestRecall_RemovesNoCopy(t *testing.T) {
	h, view := archived(t, []int{1, 2, 3})
	of := segmentsOf(view)[0]
	path := h.replicas.Local.path(of.Name())
	recalls(t, h, view, 1)
	if os.Geteuid() != 0 { // whom no mode keeps out
		must(t, os.Chmod(path, 0))
		wantUnavailable(t, h, view)
		must(t, os.Chmod(path, 0o600))
		recalls(t, h, view, 1)
	}
	flip(t, path, 0)
	must(t, os.Remove(h.replicas.Local.indexPath(of.Name())))
	wantUnavailable(t, h, view)
	if info, err := os.Stat(path); err != nil || info.Size() != of.Bytes {
		t.Errorf("the only copy is gone: %v", err)
	}
}

// wantUnavailable holds that run 1 cannot be read now, and that no path of this server is told.
func wantUnavailable(t *testing.T, h *History, view *state.View) {
	t.Helper()
	_, err := h.Recall(t.Context(), view, id("r", 1))
	if !errs.Is(err, errs.Unavailable) || strings.Contains(err.Error(), filepath.Dir(h.replicas.Local.dir)) {
		t.Errorf("it says %v", err)
	}
}

// What cannot be opened since too much is open, or for want of rights, is unreadable, and not damaged.
func TestMend_TakesWhatCannotBeOpenedForWhole(t *testing.T) {
	h, view := archived(t, []int{1})
	of := segmentsOf(view)[0]
	path := h.replicas.Local.path(of.Name())
	must(t, os.Remove(path))
	must(t, os.Symlink(path, path)) // opening it fails, and it is not missing
	err := h.replicas.mend(t.Context(), of, errors.New("it cannot be opened"))
	if !errs.Is(err, errs.Unavailable) || h.replicas.Local.distrusted(of.Name()) || strings.Contains(err.Error(), path) {
		t.Errorf("it says %v", err)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Error(err)
	}
}

// A segment that nobody has is no reason not to find a run in another one; a list names it.
func TestRecall_LooksOnPastASegmentThatNobodyHas(t *testing.T) {
	h, view := archived(t, []int{1, 6}, []int{3}, []int{2, 7})
	lost := segmentsOf(view)[1]
	must(t, os.Remove(h.replicas.Local.path(lost.Name())))
	for _, n := range []int{2, 3, 7} {
		found, err := h.Recall(t.Context(), view, id("r", n))
		if there := err == nil && found.JobRun(id("r", n)) != nil; !there && !strings.Contains(err.Error(), lost.Name()) {
			t.Errorf("run %d: %v", n, err)
		}
	}
	if _, err := h.RecallWorker(t.Context(), view, id("w", 6)); err != nil && !strings.Contains(err.Error(), lost.Name()) {
		t.Error(err)
	}
	l := h.List(t.Context(), view, segment.Query{}, "")
	defer l.Close()
	var err error
	for head := "first"; err == nil && head != ""; {
		if head, _, err = l.Head(""); err == nil && head != "" {
			l.Skip()
		}
	}
	if !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), lost.Name()) ||
		!strings.Contains(err.Error(), lost.FirstCreated.Format(time.RFC3339)) {
		t.Errorf("the list says %v", err)
	}
}

// One segment that cannot be brought holds up no other, and what is damaged is brought anew.
func TestBringing_GoesOnPastASegmentThatNobodyHas(t *testing.T) {
	h, view, o := twins(t, []int{1}, []int{2}, []int{3}, []int{4})
	local := h.replicas.Local
	all := segmentsOf(view)
	lost, missing, damaged, short := all[0], all[1], all[2], all[3]
	for _, path := range []string{local.path(lost.Name()), o.local.path(lost.Name()), local.path(missing.Name())} {
		must(t, os.Remove(path))
	}
	flip(t, local.path(damaged.Name()), 0)
	must(t, os.Truncate(local.path(short.Name()), 10))
	bringing := NewBringing(h.replicas)
	var failed []*state.Segment
	err := bringing.Bring(t.Context(), view, func(of *state.Segment, _ error) { failed = append(failed, of) })
	if err == nil || len(failed) != 1 || failed[0] != lost {
		t.Errorf("%d fail: %v", len(failed), err)
	}
	for _, of := range []*state.Segment{missing, damaged, short} {
		if whole, err := local.whole(of.Name()); !whole || err != nil || !local.hasIndex(of.Name()) {
			t.Errorf("segment %s is whole: %t (%v)", of.Name(), whole, err)
		}
	}
}

// A segment that nobody sends whole is asked for less and less often, however often it is looked for.
func TestEnsure_LeavesASegmentAloneThatNobodySendsWhole(t *testing.T) {
	h, view := archived(t, []int{1})
	of := segmentsOf(view)[0]
	must(t, os.Remove(h.replicas.Local.path(of.Name())))
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		h.replicas.Peers = func() copies.Voters {
			asked++
			return copies.Voters{Others: []grpc.ClientConnInterface{away{}}, Self: true, Majority: 2}
		}
		for range 600 {
			if err := h.replicas.Ensure(t.Context(), of); !errs.Is(err, errs.Unavailable) {
				t.Fatal(err)
			}
			<-time.After(100 * time.Millisecond)
		}
		if asked < 4 || asked > 8 {
			t.Errorf("asked %d times in a minute", asked)
		}
	})
}

// Who is sent a damaged copy is told so at its end, and the next call has a whole one.
func TestStream_OfADamagedCopyIsAnErrorAndBringsAnotherOne(t *testing.T) {
	h, view, _ := twins(t, []int{1, 2})
	of := segmentsOf(view)[0]
	flip(t, h.replicas.Local.path(of.Name()), int(of.Bytes)/2)
	send := func([]byte) error { return nil }
	if err := h.replicas.Local.Stream(of.Name(), send); !errs.Is(err, errs.Unavailable) {
		t.Errorf("a damaged copy: %v", err)
	}
	must(t, h.replicas.Ensure(t.Context(), of))
	must(t, h.replicas.Local.Stream(of.Name(), send))
	gone := errors.New("the caller is gone")
	if err := h.replicas.Local.Stream(of.Name(), func([]byte) error { return gone }); err != gone {
		t.Errorf("it says %v", err)
	}
	if err := h.replicas.Local.Stream("no", send); !errs.Is(err, errs.NotFound) {
		t.Errorf("it says %v", err)
	}
}

// A whole copy comes while the damaged one is still being sent, whose end says that it is damaged: the only whole copy
// that there is serves all the same.
func TestStream_OfADamagedCopyDoesNotTakeAwayTheNextOne(t *testing.T) {
	h, view := archived(t, []int{1, 2})
	of := segmentsOf(view)[0]
	local := h.replicas.Local
	content, err := os.ReadFile(local.path(of.Name()))
	must(t, err)
	flip(t, local.path(of.Name()), int(of.Bytes)/2)
	came := false
	err = local.Stream(of.Name(), func([]byte) error {
		if came {
			return nil
		}
		came = true
		return local.Keep(of.Name(), of.Bytes, strings.NewReader(string(content)))
	})
	if !errs.Is(err, errs.Unavailable) || !local.distrusted(of.Name()) {
		t.Fatalf("a damaged copy: %v", err)
	}
	must(t, h.replicas.Ensure(t.Context(), of))
	recalls(t, h, view, 1)
}

// What another leader may count on is swept no earlier than an hour after it did.
func TestKeep_PutsOffTheSweep(t *testing.T) {
	h, view := archived(t, []int{1})
	of := segmentsOf(view)[0]
	old := time.Now().Add(-2 * fresh)
	must(t, os.Chtimes(h.replicas.Local.path(of.Name()), old, old))
	must(t, h.replicas.Keep(t.Context(), of))
	if n, err := h.replicas.Local.Sweep(state.New(), time.Now()); n != 0 || err != nil {
		t.Errorf("%d go (%v)", n, err)
	}
}

// What comes whole takes the place of what is there; anything else changes nothing.
func TestStore_KeepChangesNothingUnlessAllOfItComes(t *testing.T) {
	h, view := archived(t, []int{1, 2})
	of := segmentsOf(view)[0]
	local := h.replicas.Local
	content, err := os.ReadFile(local.path(of.Name()))
	must(t, err)
	for _, wrong := range []string{"", "x", string(content[1:]), string(content) + "x"} {
		if err := local.Keep(of.Name(), of.Bytes, strings.NewReader(wrong)); !errs.Is(err, errs.Unavailable) {
			t.Errorf("%d bytes: %v", len(wrong), err)
		}
	}
	if err := local.Keep(of.Name(), of.Bytes, io.MultiReader(strings.NewReader("x"), broken{})); err == nil {
		t.Error("what breaks off is kept")
	}
	if whole, err := local.whole(of.Name()); !whole || err != nil {
		t.Errorf("the copy that was there is whole: %t (%v)", whole, err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, context.Canceled }

// A list of an application that no segment knows ends its pages all the same.
func TestList_CountsEveryIndexThatItOpens(t *testing.T) {
	var parts [][]int
	for n := range 8 {
		parts = append(parts, []int{n})
	}
	h, view := archived(t, parts...)
	h.bounds.looked = 3 * segment.BlockEntries
	l := h.List(t.Context(), view, segment.Query{Application: id("a", 99)}, "")
	defer l.Close()
	head, more, err := l.Head("")
	if head != "" || more == "" || err != nil || more >= id("r", 7) {
		t.Errorf("the page ends with %q, %q (%v)", head, more, err)
	}
}

// Pages of workers that look at a few indexes each have every worker once.
func TestWorkersWithin_EndsAPageAtTheNextIndex(t *testing.T) {
	h, view := archived(t, []int{1, 2}, []int{5, 8}, []int{4, 10}, []int{7, 11}, []int{13, 14})
	all := ended(1, 2, 5, 8, 4, 10, 7, 11, 13, 14)
	h.bounds.indexes = 1
	var want, got []string
	for w := range all.WorkersWithin("01", "") {
		want = append(want, w.ID)
	}
	pages := 0
	for after := ""; ; pages++ {
		page, through, err := h.WorkersWithin(t.Context(), view, "01", after, 100)
		must(t, err)
		for w := range page.WorkersWithin("01", after) {
			if through == "" || w.ID <= through {
				got = append(got, w.ID)
			}
		}
		if through == "" {
			break
		}
		if through <= after {
			t.Fatalf("after %s comes %s", after, through)
		}
		after = through
	}
	if !slices.Equal(got, want) || pages == 0 {
		t.Errorf("%d pages have\n%v\nand not\n%v", pages, got, want)
	}
}

// The id before the one after an id is that id.
func TestIDBefore_IsTheOppositeOfIDAfter(t *testing.T) {
	for _, id := range []string{"00", "09", "0a", "0z", "10", "a0", "zy", "9z"} {
		if next := idAfter(id); idBefore(next) != id || next <= id {
			t.Errorf("after %s comes %s, before which is %s", id, next, idBefore(next))
		}
	}
}

// A nil History finds nothing, whatever the view has.
func TestHistory_ANilOneFindsNothing(t *testing.T) {
	_, view := archived(t, []int{1})
	var none *History
	l := none.List(t.Context(), view, segment.Query{}, "")
	defer l.Close()
	head, more, err := l.Head("")
	same, through, failed := none.WorkersWithin(t.Context(), view, "01", "", 5)
	if head+more+through != "" || err != nil || failed != nil || same != view {
		t.Errorf("it lists %q %q %v, %q %v", head, more, err, through, failed)
	}
}
