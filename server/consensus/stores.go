package consensus

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
	raftboltdb "github.com/hashicorp/raft-boltdb/v2"
	wal "github.com/hashicorp/raft-wal"
	"go.etcd.io/bbolt"

	"github.com/headrace/headrace/internal/errs"
)

// LogStore names an implementation of the log on disk.
type LogStore string

// The log stores. Both keep votes and term in Bolt.
const (
	WAL  LogStore = "wal"  // raft-wal: several times faster, and does not grow for ever
	Bolt LogStore = "bolt" // raft-boltdb: older
)

const (
	keptSnapshots  = 2
	walSegmentSize = 16 << 20 // bytes; segments are allocated ahead
	logCacheSize   = 512      // newest entries kept in memory for followers
	boltLockWait   = 5 * time.Second
)

// Stores is where Raft keeps things.
type Stores struct {
	Log       raft.LogStore
	Stable    raft.StableStore
	Snapshots raft.SnapshotStore
	closers   []io.Closer
}

// Close closes the files. Raft must be shut down before.
func (s *Stores) Close() error {
	var all []error
	for _, c := range s.closers {
		all = append(all, c.Close())
	}
	return errors.Join(all...)
}

// openStores opens or makes what is below dir:
//
//	raft/stable.db   votes and term (Bolt)
//	raft/wal/        the log (raft-wal), or
//	raft/log.db      the log (Bolt)
//	raft/snapshots/  the newest snapshots
func openStores(dir string, kind LogStore, logger hclog.Logger) (*Stores, error) {
	dir = filepath.Join(dir, "raft")
	if err := refuseOtherLog(dir, kind); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "snapshots"), 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the Raft directory: %w", err)
	}
	s := &Stores{}
	if err := s.open(dir, kind, logger); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// open opens all stores.
func (s *Stores) open(dir string, kind LogStore, logger hclog.Logger) error {
	stable, err := openBolt(filepath.Join(dir, "stable.db"))
	if err != nil {
		return err
	}
	s.Stable = stable
	s.closers = append(s.closers, stable)
	if err := s.openLog(dir, kind, logger); err != nil {
		return err
	}
	s.Snapshots, err = raft.NewFileSnapshotStoreWithLogger(dir, keptSnapshots, logger)
	if err != nil {
		return fmt.Errorf("cannot open the snapshots in %s: %w", dir, err)
	}
	return nil
}

func (s *Stores) openLog(dir string, kind LogStore, logger hclog.Logger) error {
	if kind == Bolt {
		log, err := openBolt(filepath.Join(dir, "log.db"))
		if err != nil {
			return err
		}
		s.Log = log
		s.closers = append(s.closers, log)
		return nil
	}
	path := filepath.Join(dir, "wal")
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("cannot make the log's directory: %w", err)
	}
	log, err := wal.Open(path, wal.WithSegmentSize(walSegmentSize), wal.WithLogger(logger))
	if err != nil {
		return fmt.Errorf("cannot open the log in %s: %w", path, err)
	}
	s.Log = log
	s.closers = append(s.closers, log)
	return nil
}

// refuseOtherLog protects a server whose log_store was changed: it would start with an empty log and could vote a
// second time.
func refuseOtherLog(dir string, kind LogStore) error {
	other := Bolt
	path := filepath.Join(dir, "log.db")
	if kind == Bolt {
		other = WAL
		path = filepath.Join(dir, "wal")
	}
	if _, err := os.Stat(path); err == nil {
		return errs.Field("log_store", "cannot be %q: this server's log is kept by %q in %s; "+
			"set it back, or empty the data directory and join anew", kind, other, path)
	}
	return nil
}

func openBolt(path string) (*raftboltdb.BoltStore, error) {
	options := &bbolt.Options{NoFreelistSync: true, FreelistType: bbolt.FreelistMapType, Timeout: boltLockWait}
	store, err := raftboltdb.New(raftboltdb.Options{Path: path, BoltOptions: options})
	if err != nil {
		return nil, fmt.Errorf("cannot open %s (does another server use it?): %w", path, err)
	}
	return store, nil
}
