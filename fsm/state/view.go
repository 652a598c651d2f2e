package state

import (
	"sync"
	"time"

	"github.com/headrace/headrace/internal/resource"
)

// View is the state at one record. It is immutable, and so are the rows that it returns.
type View struct {
	Cluster
	tables
	changes *Changes
	copying sync.Mutex // copying a table writes a mark into its source
}

// Cluster is the identity of the cluster and the position of a view in its log.
type Cluster struct {
	ID       string
	Account  string
	Region   string
	Sequence uint64    // the last record that is in it; 0: none
	Time     time.Time // that record's time
}

// tables holds the rows by id, and the indexes. Composite keys are their parts joined by key.
type tables struct {
	applications table[*Application]
	runs         table[*JobRun]
	attempts     table[*Attempt] // run, number
	workers      table[*Worker]
	slots        table[*Slot]
	nodes        table[*Node]
	releases     table[*Release]
	requests     table[*Request]
	accessKeys   table[*AccessKey]
	contents     table[*Content]
	segments     table[*Segment] // highest id of a run, name

	// The indexes are kept by the put and remove functions of the rows that they point to.
	runsOfApplication table[string] // application, run → run
	unfinished        table[string] // application, run → run that is not over
	finished          table[string] // end, run → run that is over
	segmentNames      table[string] // name of a segment → its key
	workersOfRun      table[string] // run, attempt, number, epoch → worker
	liveOfRun         table[string] // run, worker → worker that is not gone
	liveOfNode        table[string] // node, worker → worker that is not gone
	namesOfNodes      table[string] // node's name, id → id
	nodesBySortKey    table[string] // zone, node's name, id → id
	requestsByExpiry  table[string] // time, request → request
	poolOfApplication table[string] // application, type, slot → pre-initialised slot
	poolOfNode        table[string] // node, slot → pre-initialised slot
	usedOfNode        table[resource.Vector]
	slotsOfNode       table[int64] // node → how many slots are on it
	usedOfApplication table[resource.Vector]
	used              table[resource.Vector] // under the empty key: of the whole cluster
	runCounts         table[RunCounts]       // application → its runs by state
	poolCounts        table[PoolCounts]      // application → its pre-initialised slots by type
	contentUses       table[int64]           // content → how often runs name it
}

// New returns the state before the first record.
func New() *View { return &View{changes: &Changes{}} }

// Begin starts a scratch copy. It is cheap: only rows that change are copied.
func (v *View) Begin() *Tx {
	v.copying.Lock()
	defer v.copying.Unlock()
	return &Tx{view: &View{Cluster: v.Cluster, tables: v.copyTables(), changes: &Changes{}}}
}

// Moment turns the log's nanoseconds into a time; 0 gives the zero time.
func Moment(unixNano int64) time.Time {
	if unixNano == 0 {
		return time.Time{}
	}
	return time.Unix(0, unixNano).UTC()
}

// Nano turns a time into the log's nanoseconds; the zero time gives 0.
func Nano(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}
