package proposal

import (
	"cmp"
	"time"

	"github.com/tidwall/btree"
)

// due holds one moment by id, the next one first.
type due struct {
	at      map[string]time.Time
	moments *btree.BTreeG[moment] // the same, ties by id
}

// moment is when an id is due.
type moment struct {
	at time.Time
	id string
}

func newDue() *due {
	before := func(x, y moment) bool { return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.id, y.id)) < 0 }
	return &due{
		at:      map[string]time.Time{},
		moments: btree.NewBTreeGOptions(before, btree.Options{NoLocks: true}),
	}
}

// set says when an id is due; the zero time: never.
func (d *due) set(id string, at time.Time) {
	old, set := d.at[id]
	switch {
	case set && at.Equal(old):
		return
	case set:
		d.moments.Delete(moment{old, id})
		delete(d.at, id)
	}
	if !at.IsZero() {
		d.at[id] = at
		d.moments.Set(moment{at, id})
	}
}

// next returns the next moment; false: there is none.
func (d *due) next() (at time.Time, any bool) {
	first, any := d.moments.Min()
	return first.at, any
}

// until takes out all ids that are due by now.
func (d *due) until(now time.Time) (ids []string) {
	for at, any := d.next(); any && !now.Before(at); at, any = d.next() {
		first, _ := d.moments.PopMin()
		delete(d.at, first.id)
		ids = append(ids, first.id)
	}
	return ids
}
