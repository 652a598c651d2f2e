package sim

import (
	"container/heap"
	"time"
)

// clock is virtual time. What is due at the same moment happens in the order in which it was asked for.
type clock struct {
	now    time.Time
	timers timers
	asked  int
}

type timer struct {
	at    time.Time
	order int
	do    func()
}

// after lets something happen later.
func (c *clock) after(wait time.Duration, do func()) {
	c.asked++
	heap.Push(&c.timers, timer{c.now.Add(wait), c.asked, do})
}

// step moves to the next moment at which something happens, and lets it.
func (c *clock) step() {
	next := heap.Pop(&c.timers).(timer)
	c.now = next.at
	next.do()
}

// timers is a heap by time and order.
type timers []timer

func (t timers) Len() int { return len(t) }

func (t timers) Less(i, j int) bool {
	return t[i].at.Before(t[j].at) || t[i].at.Equal(t[j].at) && t[i].order < t[j].order
}

func (t timers) Swap(i, j int) { t[i], t[j] = t[j], t[i] }

// Push is for package heap.
func (t *timers) Push(x any) { *t = append(*t, x.(timer)) }

// Pop is for package heap.
func (t *timers) Pop() any {
	last := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	return last
}
