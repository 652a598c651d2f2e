package state

import (
	"fmt"
	"iter"
	"strings"

	"github.com/tidwall/btree"
)

// table is an ordered copy-on-write map. Its values are immutable.
type table[R any] struct {
	rows btree.Map[string, R]
}

func (t *table[R]) copy() table[R] { return table[R]{rows: *t.rows.Copy()} }

func (t *table[R]) get(key string) R {
	row, _ := t.rows.Get(key)
	return row
}

func (t *table[R]) put(key string, row R) { t.rows.Set(key, row) }

func (t *table[R]) remove(key string) { t.rows.Delete(key) }

// all yields every row by key.
func (t *table[R]) all() iter.Seq[R] { return t.within("") }

// within yields the rows whose key begins with prefix, by key.
func (t *table[R]) within(prefix string) iter.Seq[R] {
	return func(yield func(R) bool) {
		t.rows.Ascend(prefix, func(k string, row R) bool {
			return strings.HasPrefix(k, prefix) && yield(row)
		})
	}
}

// after yields the rows of a prefix after a key.
func (t *table[R]) after(prefix, key string) iter.Seq[R] {
	return func(yield func(R) bool) {
		t.rows.Ascend(max(prefix, key), func(k string, row R) bool {
			return strings.HasPrefix(k, prefix) && (k <= key || yield(row))
		})
	}
}

// key joins the parts of a composite key; no part contains a slash.
func key(parts ...string) string { return strings.Join(parts, "/") }

// part writes a number as a part of a key, so that keys sort as numbers do.
func part(n uint32) string { return fmt.Sprintf("%010d", n) }

// part64 is part for nanoseconds.
func part64(n int64) string { return fmt.Sprintf("%020d", n) }

// copyTables copies every table; rows are shared until they change.
func (t *tables) copyTables() tables {
	return tables{
		applications:      t.applications.copy(),
		runs:              t.runs.copy(),
		attempts:          t.attempts.copy(),
		workers:           t.workers.copy(),
		slots:             t.slots.copy(),
		nodes:             t.nodes.copy(),
		releases:          t.releases.copy(),
		requests:          t.requests.copy(),
		accessKeys:        t.accessKeys.copy(),
		runsOfApplication: t.runsOfApplication.copy(),
		unfinished:        t.unfinished.copy(),
		finished:          t.finished.copy(),
		segments:          t.segments.copy(),
		segmentNames:      t.segmentNames.copy(),
		workersOfRun:      t.workersOfRun.copy(),
		liveOfRun:         t.liveOfRun.copy(),
		liveOfNode:        t.liveOfNode.copy(),
		namesOfNodes:      t.namesOfNodes.copy(),
		nodesBySortKey:    t.nodesBySortKey.copy(),
		requestsByExpiry:  t.requestsByExpiry.copy(),
		usedOfNode:        t.usedOfNode.copy(),
		slotsOfNode:       t.slotsOfNode.copy(),
		usedOfApplication: t.usedOfApplication.copy(),
		poolOfApplication: t.poolOfApplication.copy(),
		poolOfNode:        t.poolOfNode.copy(),
		used:              t.used.copy(),
		runCounts:         t.runCounts.copy(),
		poolCounts:        t.poolCounts.copy(),
		contents:          t.contents.copy(),
		contentUses:       t.contentUses.copy(),
	}
}
