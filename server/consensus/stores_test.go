package consensus

import (
	"errors"
	"log/slog"
	"testing"

	"github.com/hashicorp/raft"

	"github.com/headrace/headrace/internal/errs"
)

// TestStores_Conform: both log stores do what Raft needs, also after they were opened again.
func TestStores_Conform(t *testing.T) {
	for _, kind := range []LogStore{WAL, Bolt} {
		t.Run(string(kind), func(t *testing.T) {
			dir := t.TempDir()
			s := reopen(t, dir, kind)
			for i := uint64(1); i <= 10; i += 2 {
				must(t, s.Log.StoreLogs([]*raft.Log{{
					Index: i,
					Term:  1,
					Data:  []byte{byte(i)},
				}, {
					Index: i + 1,
					Term:  1,
					Data:  []byte{byte(i + 1)},
				}}))
			}
			must(t, s.Stable.SetUint64([]byte("term"), 7))
			must(t, s.Log.DeleteRange(9, 10)) // what a new leader does not have
			must(t, s.Log.DeleteRange(1, 3))  // what is in a snapshot
			must(t, s.Log.StoreLog(&raft.Log{Index: 9, Term: 2, Data: []byte{99}}))
			wantRange(t, s, 4, 9)
			must(t, s.Close())

			s = reopen(t, dir, kind)
			defer func() { must(t, s.Close()) }()
			wantRange(t, s, 4, 9)
			var entry raft.Log
			must(t, s.Log.GetLog(9, &entry))
			if entry.Term != 2 || entry.Data[0] != 99 {
				t.Errorf("entry 9 is %+v", entry)
			}
			if err := s.Log.GetLog(10, &entry); !errors.Is(err, raft.ErrLogNotFound) {
				t.Errorf("got %v for an entry that is not there", err)
			}
			if term, err := s.Stable.GetUint64([]byte("term")); err != nil || term != 7 {
				t.Errorf("the term is %d (%v), want 7", term, err)
			}
		})
	}
}

func TestStores_RefuseToLoseALog(t *testing.T) {
	for _, kinds := range [][2]LogStore{{WAL, Bolt}, {Bolt, WAL}} {
		dir := t.TempDir()
		must(t, reopen(t, dir, kinds[0]).Close())
		_, err := openStores(dir, kinds[1], newRaftLog(slog.New(slog.DiscardHandler)))
		wantKind(t, err, errs.Invalid)
	}
}

func reopen(t *testing.T, dir string, kind LogStore) *Stores {
	t.Helper()
	s, err := openStores(dir, kind, newRaftLog(slog.New(slog.DiscardHandler)))
	must(t, err)
	return s
}

func wantRange(t *testing.T, s *Stores, first, last uint64) {
	t.Helper()
	gotFirst, err := s.Log.FirstIndex()
	must(t, err)
	gotLast, err := s.Log.LastIndex()
	must(t, err)
	if gotFirst != first || gotLast != last {
		t.Errorf("the log goes from %d to %d, want %d to %d", gotFirst, gotLast, first, last)
	}
}
