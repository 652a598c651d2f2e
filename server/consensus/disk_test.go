package consensus

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	"github.com/headrace/headrace/internal/errs"
)

// badDisk is a log store whose appends can be held up or fail.
type badDisk struct {
	*raft.InmemStore
	hold atomic.Pointer[chan struct{}] // appends wait until it is closed
	err  atomic.Pointer[error]

	delay atomic.Int64 // nanoseconds that every append takes longer
}

// StoreLog appends one entry.
func (d *badDisk) StoreLog(entry *raft.Log) error { return d.StoreLogs([]*raft.Log{entry}) }

// StoreLogs appends entries, or does what the test wants.
func (d *badDisk) StoreLogs(entries []*raft.Log) error {
	if hold := d.hold.Load(); hold != nil {
		<-*hold
	}
	if err := d.err.Load(); err != nil {
		return *err
	}
	if delay := time.Duration(d.delay.Load()); delay > 0 {
		<-time.After(delay)
	}
	return d.InmemStore.StoreLogs(entries)
}

// onBadDisks is a cluster whose disks the test can spoil.
func onBadDisks(t *testing.T) (*cluster, map[string]*badDisk) {
	disks := map[string]*badDisk{}
	c := newCluster(t, 3, func(config *Config) {
		disk := &badDisk{InmemStore: raft.NewInmemStore()}
		disks[config.ServerID] = disk
		config.Stores = &Stores{Log: disk, Stable: raft.NewInmemStore(), Snapshots: raft.NewInmemSnapshotStore()}
		config.DiskSlow = 100 * time.Millisecond
		config.DiskStall = 400 * time.Millisecond
	})
	return c, disks
}

// dead waits until a server's Run has returned its error.
func (c *cluster) dead(m *member) error {
	c.t.Helper()
	select {
	case err := <-m.ended:
		m.ended = nil
		return err
	case <-within(c.t).Done():
		c.t.Fatal("the server goes on")
		return nil
	}
}

func TestCluster_LeaderWhoseDiskHangsStops(t *testing.T) {
	c, disks := onBadDisks(t)
	leader := c.leader()
	release := make(chan struct{})
	defer close(release)
	disks[leader.config.ServerID].hold.Store(&release)
	go func() { _, _ = leader.Execute(context.Background(), note("a")) }() // its outcome is unknown, whatever comes
	err := c.dead(leader)
	t.Logf("it stopped: %v", err)
	if err == nil {
		t.Fatal("it stopped without a reason")
	}
	c.cut(leader) // the process is gone
	_, err = c.leader(leader).Execute(within(t), note("b"))
	must(t, err)
}

func TestCluster_ServerWhoseDiskFailsStops(t *testing.T) {
	c, disks := onBadDisks(t)
	leader := c.leader()
	broken := errors.New("no space left on device")
	disks[leader.config.ServerID].err.Store(&broken)
	_, err := leader.Execute(within(t), note("a"))
	if err == nil {
		t.Fatal("a write was acknowledged that is on no disk")
	}
	if err := c.dead(leader); !errors.Is(err, broken) {
		t.Errorf("it stopped with %v, which does not name the disk's error", err)
	}
	c.cut(leader)
	_, err = c.leader(leader).Execute(within(t), note("b"))
	must(t, err)
}

// watching returns a watchdog with a clock of the test's.
func watching(handOver func() error) (*diskWatch, *watchedLog, *time.Time) {
	now := time.Unix(0, 0)
	log := &watchedLog{
		LogStore: raft.NewInmemStore(),
		clock:    func() time.Time { return now },
		slow:     100 * time.Millisecond,
	}
	leads := func() bool { return true }
	return &diskWatch{log: log, stall: time.Second, leads: leads, handOver: handOver}, log, &now
}

func TestDiskWatch_SlowLeaderHandsOverOnce(t *testing.T) {
	handed := 0
	watch, log, now := watching(func() error { handed++; return nil })
	appendAll := func(n int, takes time.Duration) {
		for range n {
			began := *now
			*now = now.Add(takes)
			log.note(began, *now)
		}
		must(t, watch.act(log.look(watch.stall)))
	}
	appendAll(20, 90*time.Millisecond)
	appendAll(2, 600*time.Millisecond) // too few
	appendAll(1, 50*time.Millisecond)
	if handed != 0 {
		t.Fatal("a disk that is fast enough was a reason")
	}
	appendAll(10, 150*time.Millisecond)
	if handed != 1 {
		t.Fatalf("handed over %d times, want 1", handed)
	}
	appendAll(10, 150*time.Millisecond)
	if handed != 1 {
		t.Error("handed over again at once: the others may be no better")
	}
	*now = now.Add(handOverPause)
	appendAll(10, 150*time.Millisecond)
	if handed != 2 {
		t.Error("did not hand over again later")
	}
}

// Slow appends count also if some between them are fast, once they take half of the time.
func TestC1_LeaderWhoseDiskIsSlowNowAndThenHandsOver(t *testing.T) {
	for name, test := range map[string]struct {
		slow, fast time.Duration
		handed     bool
	}{
		"half of the time":  {400 * time.Millisecond, 50 * time.Millisecond, true},
		"a part of it":      {150 * time.Millisecond, 100 * time.Millisecond, true},
		"less than a third": {150 * time.Millisecond, 350 * time.Millisecond, false},
	} {
		t.Run(name, func(t *testing.T) {
			handed := false
			watch, log, now := watching(func() error { handed = true; return nil })
			watch.stall = 2 * time.Second
			for range 20 {
				began := *now
				*now = now.Add(test.slow)
				log.note(began, *now)
				for quick := time.Duration(0); quick < test.fast; quick += 10 * time.Millisecond {
					began = *now
					*now = now.Add(10 * time.Millisecond)
					log.note(began, *now)
				}
				must(t, watch.act(log.look(watch.stall)))
			}
			if handed != test.handed {
				t.Errorf("handed over is %v", handed)
			}
		})
	}
}

func TestDiskWatch_NoHeirStops(t *testing.T) {
	watch, _, _ := watching(func() error { return errors.New("no heir") })
	if watch.act(diskState{slow: 2 * time.Second}) == nil {
		t.Error("a slow leader without an heir goes on")
	}
	watch.leads = func() bool { return false }
	must(t, watch.act(diskState{slow: 2 * time.Second, hangs: 2 * time.Second}))
}

func TestInstalls_TooManyStop(t *testing.T) {
	now := time.Unix(0, 0)
	failed := 0
	count := &installs{clock: func() time.Time { return now }, fail: func(error) { failed++ }}
	for range 10 {
		count.restored()
		now = now.Add(21 * time.Second)
	}
	if failed != 0 {
		t.Fatal("three installs a minute were too many")
	}
	for range maxInstalls {
		count.restored()
		now = now.Add(time.Second)
	}
	if failed == 0 {
		t.Error("a server that installs snapshots all the time goes on")
	}
}

// spoiled is a cluster on TCP, with the bounds of every day, whose disks the test can spoil.
func spoiled(t *testing.T) (*cluster, map[string]*badDisk) {
	disks := map[string]*badDisk{}
	c := onTCP(t, 3, func(config *Config) {
		usual := DefaultConfig()
		config.HeartbeatTimeout = usual.HeartbeatTimeout
		config.ElectionTimeout = usual.ElectionTimeout
		config.LeaseTimeout = usual.LeaseTimeout
		disk := &badDisk{InmemStore: raft.NewInmemStore()}
		disks[config.ServerID] = disk
		config.Stores = &Stores{Log: disk, Stable: raft.NewInmemStore(), Snapshots: raft.NewInmemSnapshotStore()}
	})
	return c, disks
}

// A leader whose disk hangs is silent as soon as it gives up, however long it takes to end: Raft's pipelines went on
// for as long as their connections stood, and kept its followers calm.
func TestC1_LeaderWhoseDiskHangsIsReplacedAtOnce(t *testing.T) {
	c, disks := spoiled(t)
	leader := c.leader()
	release := make(chan struct{})
	defer close(release)
	disks[leader.config.ServerID].hold.Store(&release)
	began := time.Now()
	_, err := leader.Execute(within(t), note("a"))
	wantKind(t, err, errs.Unknown)
	told := time.Since(began)
	if id, _ := leader.Leader(); id != "" || leader.IsLeader() {
		t.Errorf("it has given up, and says that %q leads", id)
	}
	_, err = c.leader(leader).Execute(within(t), note("b"))
	must(t, err)
	replaced := time.Since(began)
	t.Logf("its callers were told after %s, the next commit came after %s", told, replaced)
	if limit := DefaultConfig().DiskStall + 3*time.Second; replaced > limit {
		t.Errorf("the next commit came after %s, more than %s", replaced, limit)
	}
	if err := c.dead(leader); err == nil {
		t.Error("it stopped without a reason")
	}
}

// Every write of a leader takes 400 ms: it hands over, and goes on as a follower.
func TestC1_LeaderWhoseDiskIsSlowHandsOver(t *testing.T) {
	c, disks := spoiled(t)
	leader := c.leader()
	disks[leader.config.ServerID].delay.Store(int64(400 * time.Millisecond))
	began := time.Now()
	for i := 0; leader.IsLeader(); i++ {
		if time.Since(began) > 15*time.Second {
			t.Fatal("it goes on leading")
		}
		_, _ = leader.Execute(within(t), note(fmt.Sprint(i)))
	}
	_, err := c.leader(leader).Execute(within(t), note("b"))
	must(t, err)
	t.Logf("handed over after %s", time.Since(began))
}
