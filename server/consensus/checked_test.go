package consensus

import (
	"bytes"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/raft"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/internal/errs"
)

// flip changes one bit of text, wherever the files below dir have it.
func flip(t *testing.T, dir, text string) {
	t.Helper()
	found := false
	must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !bytes.Contains(data, []byte(text)) {
			return nil
		}
		found = true
		flipped := append([]byte{text[0] ^ 1}, text[1:]...)
		return os.WriteFile(path, bytes.ReplaceAll(data, []byte(text), flipped), 0o600)
	}))
	if !found {
		t.Fatalf("no file below %s has %q", dir, text)
	}
}

// A server one byte of whose log has changed on disk does not start, and says what to do; the others go on.
func TestC4_FlippedByteInTheLogIsRefusedAtTheStart(t *testing.T) {
	for _, kind := range []LogStore{WAL, Bolt} {
		t.Run(string(kind), func(t *testing.T) {
			c := newCluster(t, 3, func(config *Config) { config.LogStore = kind })
			c.execute(note("the flipped one"))
			c.execute(note("another"))
			c.execute(note("yet another"))
			c.agree()
			c.stop(0)
			config := c.members[0].config
			config.LogStore = kind
			config.Transport = c.members[0].transport
			flip(t, config.DataDir, "the flipped one")
			_, err := Open(config, fsm.New())
			wantKind(t, err, errs.Internal)
			for _, said := range []string{"is damaged", "new server_id", config.DataDir} {
				if !strings.Contains(err.Error(), said) {
					t.Errorf("the error does not say %q: %v", said, err)
				}
			}
			c.members[0].cancel = nil
			_, err = c.leader(c.members[0]).Execute(within(t), note("they go on"))
			must(t, err)
		})
	}
}

// A server that cannot be opened holds no port.
func TestC4_RefusedLogLeavesNothingOpen(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, free.Close())
	log := raft.NewInmemStore()
	must(t, log.StoreLog(&raft.Log{Index: 1, Term: 1, Data: []byte("a"), Extensions: []byte("no checksum")}))
	config := testConfig("server-1", t.TempDir())
	config.Listen = free.Addr().String()
	config.Stores = &Stores{Log: log, Stable: raft.NewInmemStore(), Snapshots: raft.NewInmemSnapshotStore()}
	_, err = Open(config, fsm.New())
	wantKind(t, err, errs.Internal)
	again, err := net.Listen("tcp", config.Listen)
	must(t, err)
	must(t, again.Close())
}

// What is damaged while a server runs is neither applied nor sent: the server stops.
func TestC4_EntryThatIsDamagedLaterStopsTheServer(t *testing.T) {
	store := raft.NewInmemStore()
	told := make(chan error, 1)
	log := &checkedLog{LogStore: store, where: "there", damaged: func(err error) { told <- err }}
	must(t, log.StoreLogs([]*raft.Log{{Index: 1, Term: 1, Data: []byte("fine")}, {Index: 2, Term: 1, Data: []byte("b")}}))
	var entry raft.Log
	must(t, log.GetLog(1, &entry))
	must(t, store.GetLog(2, &entry))
	entry.Data = []byte("c")
	must(t, store.StoreLog(&entry))
	go func() { _ = log.GetLog(2, &raft.Log{}) }() // it does not come back
	err := <-told
	wantKind(t, err, errs.Internal)
	wantKind(t, log.verify(), errs.Internal)
}

// An entry that changed on its way from another server is not stored.
func TestC4_EntryDamagedOnItsWayIsNotStored(t *testing.T) {
	log := &checkedLog{LogStore: raft.NewInmemStore()}
	entry := raft.Log{Index: 1, Term: 1, Data: []byte("a")}
	entry.Extensions = sumOf(&entry)
	entry.Data = []byte("b")
	wantKind(t, log.StoreLog(&entry), errs.Internal)
}

// Logs of versions that made no checksums are read, and their entries have one once they are stored again.
func TestC4_OldEntriesAreRead(t *testing.T) {
	dir := t.TempDir()
	s := reopen(t, dir, WAL)
	must(t, s.Log.StoreLog(&raft.Log{Index: 1, Term: 1, Data: []byte("old")}))
	log := &checkedLog{LogStore: s.Log}
	must(t, log.verify())
	must(t, log.StoreLog(&raft.Log{Index: 2, Term: 1, Data: []byte("new")}))
	must(t, s.Close())
	s, err := openStores(dir, WAL, newRaftLog(slog.New(slog.DiscardHandler)))
	must(t, err)
	defer func() { must(t, s.Close()) }()
	log = &checkedLog{LogStore: s.Log}
	must(t, log.verify())
	var entry raft.Log
	must(t, log.GetLog(2, &entry))
	if len(entry.Extensions) == 0 {
		t.Error("the checksum is not on disk")
	}
}
