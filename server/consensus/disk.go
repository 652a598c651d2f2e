package consensus

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// The disk watchdog. A leader whose disk hangs still sends heartbeats, so no server replaces it and the cluster stands
// still. A leader whose disk is slow slows the whole cluster down.
const (
	diskLooks     = 40          // how often it looks per DiskStall
	slowAppends   = 3           // fewer slow appends are no reason
	handOverPause = time.Minute // between two hand-overs for a slow disk: the others may be no better
)

// watchedLog measures the appends of a log store.
type watchedLog struct {
	raft.LogStore
	clock func() time.Time
	slow  time.Duration

	mu        sync.Mutex
	began     time.Time // of the append that is under way; zero: none
	slowSince time.Time // when the first of the newest slow appends began; valid while there are some
	slowUntil time.Time // when the newest slow append ended
	slowCount int       // appends since then
	waits     []wait    // for slow appends, the oldest first, also with fast ones between; a bounded number
	failed    error     // the first append that failed
}

// wait is the time that one slow append took.
type wait struct{ began, ended time.Time }

// maxWaits bounds the waits that are remembered. A slow append takes longer than DiskSlow, so the usual DiskStall holds
// fewer.
const maxWaits = 32

// IsMonotonic passes on whether the store wants no gaps; Raft asks by this method.
func (l *watchedLog) IsMonotonic() bool {
	m, ok := l.LogStore.(raft.MonotonicLogStore)
	return ok && m.IsMonotonic()
}

// StoreLog appends one entry.
func (l *watchedLog) StoreLog(entry *raft.Log) error { return l.StoreLogs([]*raft.Log{entry}) }

// StoreLogs appends entries.
func (l *watchedLog) StoreLogs(entries []*raft.Log) error {
	began := l.clock()
	l.mu.Lock()
	l.began = began
	l.mu.Unlock()
	err := l.LogStore.StoreLogs(entries)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.began = time.Time{}
	if err != nil && l.failed == nil {
		l.failed = err
	}
	l.note(began, l.clock())
	return err
}

func (l *watchedLog) note(began, ended time.Time) {
	if ended.Sub(began) <= l.slow {
		l.slowCount = 0
		return
	}
	if l.slowCount == 0 {
		l.slowSince = began
	}
	l.slowUntil = ended
	l.slowCount++
	l.waits = append(l.waits[max(0, len(l.waits)-maxWaits+1):], wait{began: began, ended: ended})
}

// diskState is what the watchdog sees.
type diskState struct {
	failed error         // an append failed
	hangs  time.Duration // how long the append that is under way takes already
	slow   time.Duration // for how long all appends have been slow
	waited time.Duration // how much of the newest DiskStall went to slow appends; 0: there were few
}

// look returns what there is to see; window is DiskStall.
func (l *watchedLog) look(window time.Duration) diskState {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	s := diskState{failed: l.failed}
	if !l.began.IsZero() {
		s.hangs = now.Sub(l.began)
	}
	if l.slowCount >= slowAppends {
		s.slow = l.slowUntil.Sub(l.slowSince)
	}
	s.waited = l.waitedSince(now.Add(-window))
	return s
}

// waitedSince returns how long slow appends took since then.
func (l *watchedLog) waitedSince(then time.Time) (waited time.Duration) {
	appends := 0
	for _, w := range l.waits {
		if !w.ended.After(then) {
			continue
		}
		appends++
		if w.began.Before(then) {
			w.began = then
		}
		waited += w.ended.Sub(w.began)
	}
	if appends < slowAppends {
		return 0
	}
	return waited
}

// calm forgets that appends were slow.
func (l *watchedLog) calm() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slowCount = 0
	l.waits = nil
}

// diskWatch acts on what the log store measures.
type diskWatch struct {
	log      *watchedLog
	stall    time.Duration
	leads    func() bool
	handOver func() error
	pauseTo  time.Time // no hand-over before
}

// run returns an error when this server must stop: an append failed, a leader's append hangs, or a slow leader finds no
// heir.
func (d *diskWatch) run(ctx context.Context) error {
	ticker := time.NewTicker(d.stall / diskLooks)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if err := d.act(d.log.look(d.stall)); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

func (d *diskWatch) act(s diskState) error {
	switch {
	case s.failed != nil:
		return fmt.Errorf("cannot append to the log: %w; this server stops, as it can keep no promise", s.failed)
	case !d.leads():
		d.log.calm()
		return nil
	case s.hangs > d.stall:
		return fmt.Errorf("cannot append to the log: no answer for %s, the limit is %s; "+
			"this leader stops, another takes over", s.hangs, d.stall)
	case (s.slow > d.stall || s.waited > d.stall/2) && d.log.clock().After(d.pauseTo):
		d.pauseTo = d.log.clock().Add(handOverPause)
		d.log.calm()
		if err := d.handOver(); err != nil {
			return fmt.Errorf("cannot hand over leadership, though appends take longer than %s: %w", d.log.slow, err)
		}
	}
	return nil
}
