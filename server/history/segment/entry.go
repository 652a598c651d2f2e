package segment

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"slices"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/ident"
	snapshotv1 "github.com/headrace/headrace/proto/headrace/snapshot/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Query selects runs of a list. A zero field selects all. What an entry says is enough to leave out most of the others;
// who reads a run that was selected compares it once more, since names, users and tags are there as hashes only.
type Query struct {
	Application string
	States      []state.JobRunState // none: all
	Mode        string              // BATCH or STREAMING
	After       time.Time
	Before      time.Time
	Name        string
	User        *string
	Tags        map[string]string
	Prefix      string // of a run's id
}

// Over says whether the query selects runs that are over: others are in no segment.
func (q Query) Over() bool {
	return len(q.States) == 0 || slices.ContainsFunc(q.States, state.JobRunState.Terminal)
}

// entryBytes is the length of an entry of a run; workerBytes that of a worker; applicationBytes that of an application.
const (
	entryBytes       = 64
	workerBytes      = 32
	applicationBytes = 32
)

// Where an entry of a run has what. An id comes first in each.
const (
	atState       = 26
	atMode        = 27
	atRow         = 28
	atApplication = 32
	atName        = 36
	atUser        = 40
	atCreated     = 48
	atTags        = 56
)

// Modes of an entry.
const (
	batch     = 1
	streaming = 2
)

// entry is what the index knows of a run.
type entry struct {
	id          string
	state       uint8
	mode        uint8
	row         uint32
	application uint32 // in the table of applications
	name, user  uint32 // hashes
	created     int64
	tags        uint64 // a bit for each tag
}

// entryOf makes the entry of a run.
func entryOf(run *snapshotv1.JobRun, row int, application uint32) entry {
	e := entry{
		id:          run.GetJobRunId(),
		state:       uint8(run.GetState()),
		mode:        batch,
		row:         uint32(row),
		application: application,
		name:        hashOf(run.GetSpec().GetName()),
		user:        hashOf(run.GetCreatedBy()),
		created:     run.GetCreatedUnixNano(),
		tags:        bitsOf(run.GetSpec().GetTags()),
	}
	if run.GetSpec().GetMode() == specv1.JobRunMode_JOB_RUN_MODE_STREAMING {
		e.mode = streaming
	}
	return e
}

func (e entry) put(b []byte) {
	copy(b, e.id)
	b[atState], b[atMode] = e.state, e.mode
	binary.LittleEndian.PutUint32(b[atRow:], e.row)
	binary.LittleEndian.PutUint32(b[atApplication:], e.application)
	binary.LittleEndian.PutUint32(b[atName:], e.name)
	binary.LittleEndian.PutUint32(b[atUser:], e.user)
	binary.LittleEndian.PutUint64(b[atCreated:], uint64(e.created))
	binary.LittleEndian.PutUint64(b[atTags:], e.tags)
}

// hashOf is how names and users stand in an entry.
func hashOf(text string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text))
	return h.Sum32()
}

// bitsOf is how tags stand in an entry: a bit for each, so that runs that lack one are left out, and some that do not.
func bitsOf(tags map[string]string) (bits uint64) {
	for key, value := range tags {
		bits |= 1 << (hashOf(key+"\x00"+value) % 64)
	}
	return bits
}

// filter is a Query as entries are compared with it.
type filter struct {
	states      uint32 // a bit for each; 0: all
	mode        uint8
	name, user  uint32
	named, used bool
	after       int64 // nanoseconds, not among them
	before      int64 // the same
	tags        uint64
	application int64 // in the table of applications; -1: any
}

// compile prepares a query for the entries of an index in which its application has a place.
func (q Query) compile(application int64) filter {
	f := filter{
		application: application,
		after:       nanosOf(q.After, math.MinInt64),
		before:      nanosOf(q.Before, math.MaxInt64),
		tags:        bitsOf(q.Tags),
		named:       q.Name != "",
		name:        hashOf(q.Name),
	}
	for _, s := range q.States {
		f.states |= 1 << uint(s)
	}
	switch q.Mode {
	case "BATCH":
		f.mode = batch
	case "STREAMING":
		f.mode = streaming
	}
	if q.User != nil {
		f.used, f.user = true, hashOf(*q.User)
	}
	return f
}

// The first and the last time that nanoseconds can say, in the years 1677 and 2262.
var (
	firstMoment = time.Unix(0, math.MinInt64)
	lastMoment  = time.Unix(0, math.MaxInt64)
)

// nanosOf returns a time in nanoseconds, or the nearest that they can say; for no time they are as it is given.
func nanosOf(t time.Time, none int64) int64 {
	switch {
	case t.IsZero():
		return none
	case t.Before(firstMoment):
		return math.MinInt64
	case t.After(lastMoment):
		return math.MaxInt64
	}
	return t.UnixNano()
}

// takes says whether an entry may be selected.
func (f filter) takes(b []byte) bool {
	created := int64(binary.LittleEndian.Uint64(b[atCreated:]))
	return (f.states == 0 || f.states&(1<<b[atState]) != 0) &&
		(f.mode == 0 || f.mode == b[atMode]) &&
		(f.application < 0 || uint32(f.application) == binary.LittleEndian.Uint32(b[atApplication:])) &&
		(!f.named || f.name == binary.LittleEndian.Uint32(b[atName:])) &&
		(!f.used || f.user == binary.LittleEndian.Uint32(b[atUser:])) &&
		created > f.after && created < f.before &&
		f.tags&^binary.LittleEndian.Uint64(b[atTags:]) == 0
}

// among says whether a filter selects one of some states.
func among(f filter, states uint32) bool { return f.states == 0 || f.states&states != 0 }

// idOf returns the id at the beginning of an entry.
func idOf(b []byte) string { return string(b[:ident.Length]) }
