package state

import (
	"encoding/hex"
	"iter"
	"time"
)

// Segment is a Parquet file of runs that are over, which left the state for it. It never changes.
type Segment struct {
	Digest []byte // SHA-256 of the file
	Bytes  int64
	Runs   int64

	FirstRun     string // the lowest and the highest id of a run in it
	LastRun      string
	FirstWorker  string // the same of workers; empty: it has none
	LastWorker   string
	FirstCreated time.Time // when the first and the last of its runs was submitted
	LastCreated  time.Time
	FirstEnded   time.Time // when the first and the last of its runs ended
	LastEnded    time.Time
}

// Name returns the segment's digest in hexadecimal, which names its file.
func (s *Segment) Name() string { return hex.EncodeToString(s.Digest) }

// Segment returns the segment with a name, or nil.
func (v *View) Segment(name string) *Segment { return v.segments.get(v.segmentNames.get(name)) }

// Segments yields the segments by the highest id of a run in them, highest first: those below a key that SegmentKey
// gave, or all if it is empty.
func (v *View) Segments(before string) iter.Seq[*Segment] {
	return func(yield func(*Segment) bool) {
		end := before
		if end == "" {
			end = "~" // sorts after every id
		}
		v.segments.rows.Descend(end, func(k string, s *Segment) bool { return k >= end || yield(s) })
	}
}

// SegmentKey returns where a segment stands among all: after those with a higher one.
func (s *Segment) SegmentKey() string { return key(s.LastRun, s.Name()) }

// HistoryTotals says how much lies in all segments.
type HistoryTotals struct {
	Segments int64
	Runs     int64
	Bytes    int64
}

// HistoryTotals returns how much lies in all segments.
func (v *View) HistoryTotals() (all HistoryTotals) {
	for s := range v.segments.all() {
		all.Segments++
		all.Runs += s.Runs
		all.Bytes += s.Bytes
	}
	return all
}

// PutSegment adds a segment.
func (tx *Tx) PutSegment(s Segment) {
	tx.view.segments.put(s.SegmentKey(), &s)
	tx.view.segmentNames.put(s.Name(), s.SegmentKey())
}

// RemoveSegment removes a segment.
func (tx *Tx) RemoveSegment(name string) {
	tx.view.segments.remove(tx.view.segmentNames.get(name))
	tx.view.segmentNames.remove(name)
}
