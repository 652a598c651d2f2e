package proposal

import (
	"cmp"
	"container/heap"
	"time"
)

// due holds moments by id, the next one first.
type due struct {
	at      map[string]time.Time // the moment that counts
	moments moments              // all that were set, also those that no longer count
}

// moment is when an id is due.
type moment struct {
	at time.Time
	id string
}

func newDue() *due { return &due{at: map[string]time.Time{}} }

// set says when an id is due; the zero time: never.
func (d *due) set(id string, at time.Time) {
	switch {
	case at.Equal(d.at[id]):
	case at.IsZero():
		delete(d.at, id)
	default:
		d.at[id] = at
		heap.Push(&d.moments, moment{at, id})
	}
}

// next returns the next moment; false: there is none.
func (d *due) next() (at time.Time, any bool) {
	for len(d.moments) > 0 {
		if first := d.moments[0]; first.at.Equal(d.at[first.id]) {
			return first.at, true
		}
		heap.Pop(&d.moments)
	}
	return time.Time{}, false
}

// until takes out all ids that are due by now.
func (d *due) until(now time.Time) (ids []string) {
	for at, any := d.next(); any && !now.Before(at); at, any = d.next() {
		id := heap.Pop(&d.moments).(moment).id
		delete(d.at, id)
		ids = append(ids, id)
	}
	return ids
}

// moments is a heap, ties by id.
type moments []moment

// Len is for container/heap, like Less, Swap, Push and Pop.
func (m moments) Len() int { return len(m) }

// Less puts the earlier moment first.
func (m moments) Less(i, j int) bool {
	return cmp.Or(m[i].at.Compare(m[j].at), cmp.Compare(m[i].id, m[j].id)) < 0
}

// Swap exchanges two moments.
func (m moments) Swap(i, j int) { m[i], m[j] = m[j], m[i] }

// Push adds a moment at the end.
func (m *moments) Push(x any) { *m = append(*m, x.(moment)) }

// Pop removes the last moment.
func (m *moments) Pop() any {
	last := (*m)[len(*m)-1]
	*m = (*m)[:len(*m)-1]
	return last
}
