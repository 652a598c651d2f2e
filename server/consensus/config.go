package consensus

import (
	"crypto/tls"
	"log/slog"
	"time"

	"github.com/hashicorp/raft"

	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/server/command"
)

// minTrailingLogs is how many entries a snapshot leaves at least; see doc.go for what happens with fewer.
const minTrailingLogs = 10_240

// commitTimeout is how soon, at the latest, the leader tells followers of a commit if no further record tells them of
// it. A read or a watch on a follower waits for it; the library's 50 ms would be most of a short run's time. It costs a
// small message each.
const commitTimeout = 10 * time.Millisecond

// Config says how a server takes part in Raft. Start with DefaultConfig.
type Config struct {
	ServerID  string   // unique and the same for ever: Raft knows the server by it
	DataDir   string   // log, stable store and snapshots are below it
	Listen    string   // host:port for the other servers' Raft traffic
	Advertise string   // host:port at which they reach it; empty: what Listen resolved to
	LogStore  LogStore // cannot be changed once there is a log
	TLS       *TLS     // mutual TLS between the servers; nil: plain TCP

	// A follower that hears nothing for Heartbeat asks for votes, again after Election. A leader that reaches no
	// majority for Lease steps down; Lease <= Heartbeat <= Election. The defaults (500, 500, 400 ms) replace a dead
	// leader in about a second and stay quiet on a loaded machine with two cores, where 300 ms did not always. On a
	// slow network the servers wait longer by themselves.
	HeartbeatTimeout time.Duration
	ElectionTimeout  time.Duration
	LeaseTimeout     time.Duration

	SnapshotInterval  time.Duration // how often it looks whether a snapshot is due
	SnapshotThreshold uint64        // entries since the last snapshot that make one due
	TrailingLogs      uint64        // entries of a snapshot that stay in the log as well; at least 10,240

	CheckpointEvery uint64 // records between two comparisons of the replicas' digests
	WindowEvents    int    // applied events kept in memory for readers

	// A leader stops when one append takes longer than DiskStall. It hands over when all appends for that long took
	// longer than DiskSlow, or such appends took half of that time.
	DiskSlow  time.Duration
	DiskStall time.Duration

	Limits        command.Limits   // what decisions keep; the zero value: command.DefaultLimits
	LowestVersion func() uint32    // the lowest log version of the cluster's servers; nil: this server's
	Clock         func() time.Time // nil: time.Now
	ClocksAhead   ClocksAhead      // the other servers' clocks; nil: nothing is known of them
	IDs           ident.Source     // nil: ULIDs of Clock's time and random numbers
	Log           *slog.Logger     // nil: slog.Default()
	Panics        *caught.Panics   // of decisions; nil: they are caught and not counted

	Transport raft.Transport // nil: TCP by Listen, Advertise and TLS. For simulation.
	Stores    *Stores        // nil: on disk in DataDir. For simulation.
}

// ClocksAhead returns how far the clocks of other servers are ahead of now, which this server's clock says, by id. One
// of which nothing is known is left out.
type ClocksAhead func(now time.Time) map[string]time.Duration

// TLS is the pair of configurations for mutual TLS between servers.
type TLS struct {
	Server *tls.Config // for connections that come in; has to verify the client's certificate
	Client *tls.Config // for connections that go out
}

// DefaultConfig returns a Config that lacks only ServerID, DataDir and Listen.
func DefaultConfig() Config {
	return Config{
		LogStore:          WAL,
		HeartbeatTimeout:  500 * time.Millisecond,
		ElectionTimeout:   500 * time.Millisecond,
		LeaseTimeout:      400 * time.Millisecond,
		SnapshotInterval:  30 * time.Second,
		SnapshotThreshold: 8_192,
		TrailingLogs:      minTrailingLogs,
		CheckpointEvery:   1_024,
		WindowEvents:      65_536,
		DiskSlow:          250 * time.Millisecond,
		DiskStall:         3 * time.Second,
	}
}

// Validate returns an errs.Invalid error that names the field that is wrong.
func (c Config) Validate() error {
	switch {
	case c.ServerID == "":
		return errs.Field("server_id", "cannot be empty")
	case c.DataDir == "" && c.Stores == nil:
		return errs.Field("data_dir", "cannot be empty")
	case c.Listen == "" && c.Transport == nil:
		return errs.Field("listen", "cannot be empty: give host:port")
	case c.LogStore != WAL && c.LogStore != Bolt:
		return errs.Field("log_store", "cannot be %q: use %q or %q", c.LogStore, WAL, Bolt)
	case c.TLS != nil && (c.TLS.Server == nil || c.TLS.Client == nil):
		return errs.Field("tls", "needs a configuration for both directions")
	}
	return c.validateNumbers()
}

func (c Config) validateNumbers() error {
	switch {
	case c.LeaseTimeout < 5*time.Millisecond:
		return errs.Field("lease_timeout", "cannot be %s: at least 5ms", c.LeaseTimeout)
	case c.LeaseTimeout > c.HeartbeatTimeout:
		return errs.Field("lease_timeout",
			"cannot be %s: at most the heartbeat timeout, %s", c.LeaseTimeout, c.HeartbeatTimeout)
	case c.HeartbeatTimeout > c.ElectionTimeout:
		return errs.Field("heartbeat_timeout",
			"cannot be %s: at most the election timeout, %s", c.HeartbeatTimeout, c.ElectionTimeout)
	case c.TrailingLogs < minTrailingLogs:
		return errs.Field("trailing_logs", "cannot be %d: at least %d, or a returning server may never catch up",
			c.TrailingLogs, minTrailingLogs)
	case c.SnapshotThreshold == 0 || c.SnapshotInterval < 5*time.Millisecond:
		return errs.Field("snapshot_threshold",
			"cannot be %d every %s: at least 1 every 5ms", c.SnapshotThreshold, c.SnapshotInterval)
	case c.CheckpointEvery == 0:
		return errs.Field("checkpoint_every", "cannot be 0")
	case c.WindowEvents <= 0:
		return errs.Field("window_events", "cannot be %d: at least 1", c.WindowEvents)
	case c.DiskSlow <= 0 || c.DiskStall < c.DiskSlow:
		return errs.Field("disk_stall",
			"cannot be %s: at least disk_slow, %s, which is above 0", c.DiskStall, c.DiskSlow)
	}
	return nil
}

// withDefaults fills what may be nil.
func (c Config) withDefaults() Config {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.IDs == nil {
		c.IDs = newULIDs(c.Clock)
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Limits == (command.Limits{}) {
		c.Limits = command.DefaultLimits()
	}
	if c.LowestVersion == nil {
		c.LowestVersion = func() uint32 { return LogVersion }
	}
	return c
}

// raftConfig translates for the library.
func (c Config) raftConfig(notify chan<- bool) *raft.Config {
	r := raft.DefaultConfig()
	r.LocalID = raft.ServerID(c.ServerID)
	r.HeartbeatTimeout = c.HeartbeatTimeout
	r.ElectionTimeout = c.ElectionTimeout
	r.LeaderLeaseTimeout = c.LeaseTimeout
	r.CommitTimeout = commitTimeout
	r.SnapshotInterval = c.SnapshotInterval
	r.SnapshotThreshold = c.SnapshotThreshold
	r.TrailingLogs = c.TrailingLogs
	r.ShutdownOnRemove = false // a removed server stays to say so
	r.NotifyCh = notify
	r.NoLegacyTelemetry = true
	r.Logger = newRaftLog(c.Log)
	return r
}
