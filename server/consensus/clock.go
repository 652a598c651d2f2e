package consensus

import (
	"sync"
	"time"
)

// catchUp says how slowly record time goes while it is ahead of the real time: slower by one part of so many, at nine
// tenths of the usual speed, until that has caught up.
const catchUp = 10

// recordClock tells record time, by which all durations of the state are reckoned: deadlines, back-offs, timeouts. It
// is the real time as long as that never goes back. After a clock was ahead for a while, the newest record is ahead of
// the real time; record time goes on from that record then. If it stood still, or if what is in records were compared
// with the real time, every retry would wait until the real time has caught up.
type recordClock struct {
	wall  func() time.Time     // the real time, which may be set forward and back
	ticks func() time.Duration // since the start of this server, whatever happens to the clock

	mu   sync.Mutex
	last time.Time     // what was told last
	at   time.Duration // when that was
}

func newRecordClock(clock func() time.Time) *recordClock {
	began := clock()
	return &recordClock{wall: clock, ticks: func() time.Duration { return clock().Sub(began) }}
}

// now returns the record time after a record of that time. A real time that is not believed does not count.
func (r *recordClock) now(newest time.Time, believed func(real time.Time) bool) time.Time {
	real := r.wall()
	right := believed(real)
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.ticks()
	passed := at - r.at
	r.at = at
	r.last = later(newest, r.last.Add(passed-passed/catchUp))
	if right {
		r.last = later(r.last, real.Round(0)) // without ticks, which would hide that the clock was set back
	}
	return r.last
}
