package scheduler

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/headrace/headrace/internal/resource"
)

// application is an application with what it still asks for.
type application struct {
	Application
	share    float64 // its dominant share of the cluster by weight, as of its last settling
	stock    *stock  // its pre-initialised slots; nil: it has none
	pools    []Pool  // not looked at yet
	requests []*Request
	growing  []*Growth
	blocked  string // the run that waits for the application's limit; nothing of the application overtakes it
}

// queue is a heap of applications: the smallest share first, ties by id.
type queue struct {
	total resource.Vector
	apps  []*application
}

func newQueue(in Input, total resource.Vector, stocks map[string]*stock) *queue {
	q := &queue{total: total}
	owners := owners{queue: q, stocks: stocks, known: make(map[string]*application, len(in.Applications))}
	for _, a := range in.Applications {
		row := owners.owner(a.ID)
		row.Application = a
		row.pools = slices.Clone(a.Pools)
	}
	for i := range in.Waiting {
		a := owners.owner(in.Waiting[i].Application)
		a.requests = append(a.requests, &in.Waiting[i])
	}
	for i := range in.Growing {
		a := owners.owner(in.Growing[i].Application)
		a.growing = append(a.growing, &in.Growing[i])
	}
	for _, a := range q.apps {
		a.sort()
		a.share = q.shareOf(a)
	}
	heap.Init(q)
	return q
}

// owners finds the applications of a queue while it is filled.
type owners struct {
	queue  *queue
	stocks map[string]*stock
	known  map[string]*application
}

// owner returns an application by its id, and adds it to the queue when it is named for the first time.
func (o *owners) owner(id string) *application {
	if o.known[id] == nil {
		o.known[id] = &application{Application: Application{ID: id}, stock: o.stocks[id]}
		o.queue.apps = append(o.queue.apps, o.known[id])
	}
	return o.known[id]
}

// sort puts what waits in order: runs by age.
func (a *application) sort() {
	slices.SortFunc(a.pools, func(x, y Pool) int { return cmp.Compare(x.Role, y.Role) })
	slices.SortFunc(a.requests, func(x, y *Request) int { return byAge(x.Submitted, y.Submitted, x.Run, y.Run) })
	slices.SortFunc(a.growing, func(x, y *Growth) int { return byAge(x.Submitted, y.Submitted, x.Run, y.Run) })
}

// byAge compares two runs; those of one moment by their names.
func byAge(submitted, otherSubmitted int64, run, otherRun string) int {
	return cmp.Or(cmp.Compare(submitted, otherSubmitted), cmp.Compare(run, otherRun))
}

// shareOf is the largest part that the application holds of any one resource, divided by its weight.
func (q *queue) shareOf(a *application) float64 {
	cpu := part(a.Used.MilliCPU, q.total.MilliCPU)
	memory := part(a.Used.MemoryMiB, q.total.MemoryMiB)
	disk := part(a.Used.DiskMiB, q.total.DiskMiB)
	return max(cpu, memory, disk) / float64(max(a.Weight, 1))
}

func part(used, total int64) float64 {
	if total <= 0 {
		return 0
	}
	return float64(used) / float64(total)
}

func (q *queue) first() *application { return q.apps[0] }

// settle counts the first application's share again and moves it to its new position.
func (q *queue) settle() {
	q.apps[0].share = q.shareOf(q.apps[0])
	heap.Fix(q, 0)
}

// Len is for container/heap, like Less, Swap, Push and Pop.
func (q *queue) Len() int { return len(q.apps) }

// Less orders applications by share, then by id.
func (q *queue) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(q.apps[i].share, q.apps[j].share), cmp.Compare(q.apps[i].ID, q.apps[j].ID)) < 0
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
