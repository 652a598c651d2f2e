package consensus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/raft"
	"golang.org/x/sync/errgroup"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
)

const (
	notices      = 16               // leadership notices that Raft may be ahead of us
	closePatient = 2 * time.Second  // how long Run waits for what hangs, before it returns and the process ends
	raftPatient  = 10 * time.Second // how long Raft may take to stop: it writes what it has, on a disk that may be busy
)

// Consensus is a server's part in Raft. All methods are safe from any goroutine.
type Consensus struct {
	config      Config
	log         *slog.Logger
	raft        *raft.Raft
	transport   raft.Transport
	stores      *Stores
	gate        *gate // lets the others in
	machine     *fsm.Machine
	window      *Window
	checkpoints *checkpoints
	door        *door
	contact     *contact
	disk        *diskWatch
	time        *recordClock
	works       []work
	notify      chan bool     // Raft's notices of leadership
	failed      chan error    // holds the first reason to stop
	leadingTerm atomic.Uint64 // the term in which this server leads and has caught up; 0: it does not
	handingOver time.Time     // since when Raft refuses records for that reason; the decider's
	files       sync.Mutex    // held while the stores are asked from outside of Raft, or closed
	closed      bool          // the stores are
	opened      atomic.Bool   // Open is through: a restored snapshot came from another server
	silence     silence       // this server has given up
	noHeir      atomic.Bool   // the last hand-over failed
	succession  succession    // who leads, and in which term
	longer      atomic.Int64  // the election timeout where the usual one is too short; 0: it is not
}

// Open opens the stores, restores the newest snapshot into machine and starts Raft. Every Open has to be followed by
// Run soon, which also closes; between the two, OnLeadership may be called.
func Open(config Config, machine *fsm.Machine) (*Consensus, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	c := &Consensus{
		config:  config.withDefaults(),
		machine: machine,
		notify:  make(chan bool, notices),
		failed:  make(chan error, 1),
		silence: newSilence(),
		gate:    &gate{},
	}
	c.log = c.config.Log
	c.assemble()
	if err := c.open(); err != nil {
		return nil, errors.Join(err, c.closeFiles())
	}
	c.opened.Store(true)
	return c, nil
}

// assemble builds the parts that do no I/O.
func (c *Consensus) assemble() {
	c.window = newWindow(c.config.WindowEvents, c.machine.View())
	c.checkpoints = newCheckpoints(c.reportDigest)
	c.time = newRecordClock(c.config.Clock)
	c.contact = newContact(c.verifyLeader, c.config.Clock)
	c.door = &door{
		queue:           newQueue(),
		view:            c.machine.View,
		propose:         c.propose,
		confirm:         c.contact.confirm,
		lowest:          c.config.LowestVersion,
		clock:           c.Now,
		timely:          func() bool { return c.wrongClock(c.time.wall()) == nil },
		ids:             c.config.IDs,
		limits:          c.config.Limits,
		checkpointEvery: c.config.CheckpointEvery,
		panics:          c.config.Panics,
	}
}

func (c *Consensus) open() (err error) {
	if c.stores = c.config.Stores; c.stores == nil {
		c.stores, err = openStores(c.config.DataDir, c.config.LogStore, newRaftLog(c.log))
		if err != nil {
			return err
		}
	}
	if err := c.enter(); err != nil {
		return err
	}
	if c.transport, err = openTransport(c.config, c.gate); err != nil {
		return err
	}
	if err := c.startRaft(); err != nil {
		return errors.Join(err, closeTransport(c.transport))
	}
	return nil
}

// startRaft starts Raft on the stores, through the watch on the disk and the checksums.
func (c *Consensus) startRaft() error {
	watched := &watchedLog{LogStore: c.stores.Log, clock: c.config.Clock, slow: c.config.DiskSlow}
	c.disk = &diskWatch{
		log:      watched,
		stall:    c.config.DiskStall,
		leads:    c.IsLeader,
		handOver: c.handOver,
	}
	checked := &checkedLog{LogStore: watched, where: filepath.Join(c.config.DataDir, "raft"), damaged: c.fail}
	if err := checked.verify(); err != nil {
		return err
	}
	cached, err := raft.NewLogCache(logCacheSize, checked)
	if err != nil {
		return err
	}
	c.raft, err = raft.NewRaft(
		c.config.raftConfig(c.notify), c.replica(), cached, c.stores.Stable, c.stores.Snapshots, c.transport)
	if err != nil {
		return fmt.Errorf("cannot start Raft: %w", err)
	}
	return nil
}

// replica returns what Raft hands entries and snapshots to. Snapshots are counted once Open is through: those come from
// another server.
func (c *Consensus) replica() *replica {
	count := &installs{clock: c.config.Clock, fail: c.fail}
	return &replica{
		machine:     c.machine,
		window:      c.window,
		checkpoints: c.checkpoints,
		restored: func() {
			if c.opened.Load() {
				count.restored()
			}
		},
	}
}

// Run takes part until ctx is over, then hands leadership over and closes. Before, it returns only with an error that
// this server cannot heal by itself; the process has to exit then, even if something of this server still hangs.
func (c *Consensus) Run(ctx context.Context) error {
	group, inner := errgroup.WithContext(ctx)
	group.Go(func() error {
		followLeadership(inner, c.notify, c.lead)
		return nil
	})
	group.Go(func() error {
		c.checkpoints.run(inner)
		return nil
	})
	group.Go(func() error { return c.disk.run(inner) })
	group.Go(func() error {
		c.followSuccession(inner)
		return nil
	})
	group.Go(func() error {
		c.keepPace(inner)
		return nil
	})
	group.Go(func() error {
		c.watchClock(inner)
		return nil
	})
	group.Go(func() error { return c.awaitFailure(inner) })
	<-inner.Done()
	if ctx.Err() != nil {
		return errors.Join(bounded(closePatient, "end the work", group.Wait), c.close())
	}
	return c.closeBroken(context.Cause(inner), group)
}

// awaitFailure returns the first reason to stop; nil: ctx has ended.
func (c *Consensus) awaitFailure(ctx context.Context) error {
	select {
	case err := <-c.failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

// closeBroken closes after something failed. This server falls silent first: else nobody would replace it. The work
// returns the cause again, which is why that is not looked at. Nothing is written any more that would be worth a wait.
func (c *Consensus) closeBroken(cause error, work *errgroup.Group) error {
	closed := c.fallSilent(cause)
	ended := bounded(closePatient, "end the work", func() error {
		_ = work.Wait()
		return nil
	})
	return errors.Join(cause, closed, ended, c.shutdown(closePatient))
}

// fail makes Run return.
func (c *Consensus) fail(err error) {
	select {
	case c.failed <- err:
	default: // an earlier reason is known
	}
}

// close leaves in an orderly way: a leader names its heir first, unless it has just tried that in vain. Then it is
// silent, however long Raft takes to stop: one that found no heir, because its disk hangs, would hold off an election
// meanwhile.
func (c *Consensus) close() error {
	if !c.noHeir.Load() {
		c.HandOver()
	}
	return errors.Join(c.fallSilent(errClosed), c.shutdown(raftPatient))
}

// shutdown stops Raft and closes its files, unless those are still in use after limit.
func (c *Consensus) shutdown(limit time.Duration) error {
	if err := bounded(limit, "stop Raft", func() error { return c.raft.Shutdown().Error() }); err != nil {
		return err
	}
	return c.closeFiles()
}

// closeFiles closes what this server opened itself.
func (c *Consensus) closeFiles() error {
	c.files.Lock()
	defer c.files.Unlock()
	c.closed = true
	if c.stores == nil || c.config.Stores != nil {
		return nil
	}
	return c.stores.Close()
}

// bounded waits for f at most for d. What hangs longer is left behind, since the process is about to end.
func bounded(d time.Duration, what string, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return fmt.Errorf("cannot %s within %s", what, d)
	}
}

// View returns the newest applied state.
func (c *Consensus) View() *state.View { return c.machine.View() }

// Window returns the newest applied records, for readers that keep up.
func (c *Consensus) Window() *Window { return c.window }
