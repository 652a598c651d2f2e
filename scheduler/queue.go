package scheduler

import (
	"cmp"
	"container/heap"

	"github.com/tidwall/btree"

	"github.com/headrace/headrace/internal/resource"
)

// application is an application that asks for something, while one plan is made.
type application struct {
	*owner
	used  resource.Vector // what its slots hold, the plan included
	share float64         // its dominant share of the cluster by weight, as of its last settling
	next  uint32          // the priority of what is next of it, as of its last settling
	stock *stock          // its pre-initialised slots; nil: it has none, and is to have none
	pools []Pool          // not looked at yet
	heads heads           // its lines of which something is not decided yet
	// blocked is the run that waits for the application's limit; nothing of the application overtakes it.
	blocked string
}

// priority is that of what the application is served next: the first of its lines, or its pools, which come before
// them. It only falls while a plan is made.
func (a *application) priority() (most uint32) {
	if len(a.heads) > 0 {
		most = a.heads[0].line.key.priority
	}
	if len(a.pools) > 0 {
		most = max(most, a.Priority)
	}
	return most
}

// queue is a heap of applications: the highest priority first, then the smallest share, ties by id.
type queue struct {
	total resource.Vector
	apps  []*application
}

func newQueue(c *Cluster) *queue {
	q := &queue{total: c.total}
	for _, o := range c.asking {
		a := &application{owner: o, used: o.Used, heads: newHeads(o.lines)}
		if o.stocked() {
			a.stock = o.stock
			a.stock.settle(c)
		}
		if o.misses() {
			a.pools = o.Pools
		}
		a.share = q.shareOf(a)
		a.next = a.priority()
		q.apps = append(q.apps, a)
		o.application = a
	}
	heap.Init(q)
	return q
}

// shareOf is the largest part that the application holds of any one resource, divided by its weight.
func (q *queue) shareOf(a *application) float64 {
	cpu := part(a.used.MilliCPU, q.total.MilliCPU)
	memory := part(a.used.MemoryMiB, q.total.MemoryMiB)
	disk := part(a.used.DiskMiB, q.total.DiskMiB)
	return max(cpu, memory, disk) / float64(max(a.Weight, 1))
}

func part(used, total int64) float64 {
	if total <= 0 {
		return 0
	}
	return float64(used) / float64(total)
}

func (q *queue) first() *application { return q.apps[0] }

// settle counts the first application's share again, looks at what is next of it, and moves it to its new position.
func (q *queue) settle() {
	q.apps[0].share = q.shareOf(q.apps[0])
	q.apps[0].next = q.apps[0].priority()
	heap.Fix(q, 0)
}

// settleAll is settle for all applications, in whatever order they are.
func (q *queue) settleAll() {
	for _, a := range q.apps {
		a.share = q.shareOf(a)
		a.next = a.priority()
	}
	heap.Init(q)
}

// Len is for container/heap, like Less, Swap, Push and Pop.
func (q *queue) Len() int { return len(q.apps) }

// Less orders applications by the priority of what is next of them, then by share, then by id.
func (q *queue) Less(i, j int) bool {
	x, y := q.apps[i], q.apps[j]
	if x.next != y.next {
		return x.next > y.next
	}
	return cmp.Or(cmp.Compare(x.share, y.share), cmp.Compare(x.ID, y.ID)) < 0
}

// Swap exchanges two applications.
func (q *queue) Swap(i, j int) { q.apps[i], q.apps[j] = q.apps[j], q.apps[i] }

// Push adds an application at the end.
func (q *queue) Push(a any) { q.apps = append(q.apps, a.(*application)) }

// Pop removes the last application.
func (q *queue) Pop() any {
	last := q.apps[len(q.apps)-1]
	q.apps = q.apps[:len(q.apps)-1]
	return last
}

// head is a line with the oldest ask in it that is not decided yet.
type head struct {
	line *line
	ask  *ask
	rest btree.IterG[*ask] // stands at ask

	// What all requests of the line have in common, found when the first of them is looked at.
	shape *shape
	count int64 // workers that start with the driver in the best zone
}

// heads is a heap of the lines of one application: by priority, then requests before growth, each oldest first.
type heads []*head

func newHeads(lines map[lineKey]*line) heads {
	all := make(heads, 0, len(lines))
	for _, l := range lines {
		h := &head{line: l, rest: l.asks.Iter()}
		h.rest.First()
		h.ask = h.rest.Item()
		all = append(all, h)
	}
	heap.Init(&all)
	return all
}

// advance goes on to the next ask of a line.
func (h *heads) advance(i int) {
	line := (*h)[i]
	if !line.rest.Next() {
		heap.Remove(h, i)
		return
	}
	line.ask = line.rest.Item()
	heap.Fix(h, i)
}

// Len is for container/heap, like Less, Swap, Push and Pop.
func (h heads) Len() int { return len(h) }

// Less puts the higher priority first, then requests before growth, then the older run.
func (h heads) Less(i, j int) bool {
	if a, b := h[i].line.key.priority, h[j].line.key.priority; a != b {
		return a > b
	}
	if h[i].line.key.grows != h[j].line.key.grows {
		return h[j].line.key.grows
	}
	return byAge(h[i].ask, h[j].ask) < 0
}

// Swap exchanges two lines.
func (h heads) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push adds a line at the end.
func (h *heads) Push(line any) { *h = append(*h, line.(*head)) }

// Pop removes the last line.
func (h *heads) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
