package segment

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
)

// indexMagic begins every index. Another form of it gets another one, and indexes of the old form are made again.
const indexMagic = "HRINDEX2"

// headerBytes is the length of an index's beginning: the magic, the numbers of applications, runs and workers, and at
// its end the CRC-32C of that.
const headerBytes = 32

// atSum is where the header has its checksum.
const atSum = headerBytes - sumBytes

// WriteIndex makes the index of a segment.
func WriteIndex(to io.Writer, f *File) error {
	var made indexed
	if err := f.each(made.take); err != nil {
		return err
	}
	_, err := to.Write(made.bytes())
	return err
}

// indexed collects what an index holds.
type indexed struct {
	applications []application
	places       map[string]uint32
	runs         []entry
	workers      []worker
}

// application is what the index knows of an application: the states that its runs ended in.
type application struct {
	id     string
	states uint32 // a bit for each
}

// worker is what the index knows of a worker.
type worker struct {
	id  string
	row uint32 // of its run
}

// take adds a run.
func (x *indexed) take(row int, f fsm.Finished) error {
	run := f.Run.GetJobRun()
	if !ident.Valid(run.GetJobRunId()) || !ident.Valid(run.GetApplicationId()) {
		return errs.New(errs.Internal, "row %d has a job run %.40q of an application %.40q", row, run.GetJobRunId(),
			run.GetApplicationId())
	}
	place := x.place(run.GetApplicationId())
	x.applications[place].states |= 1 << uint(run.GetState())
	x.runs = append(x.runs, entryOf(run, row, place))
	for _, w := range f.Run.GetWorkers() {
		x.workers = append(x.workers, worker{id: w.GetWorkerId(), row: uint32(row)})
	}
	return nil
}

func (x *indexed) place(id string) uint32 {
	place, known := x.places[id]
	if !known {
		if x.places == nil {
			x.places = map[string]uint32{}
		}
		place = uint32(len(x.applications))
		x.places[id] = place
		x.applications = append(x.applications, application{id: id})
	}
	return place
}

// bytes is the whole index: its header, the applications in the order in which they came, runs and workers by id.
func (x *indexed) bytes() []byte {
	slices.SortFunc(x.runs, func(a, b entry) int { return strings.Compare(a.id, b.id) })
	slices.SortFunc(x.workers, func(a, b worker) int { return strings.Compare(a.id, b.id) })
	h := header{applications: len(x.applications), runs: len(x.runs), workers: len(x.workers)}
	all := make([]byte, headerBytes, h.size())
	h.put(all)
	all = appendTable(all, applicationBytes, h.applications, func(i int, b []byte) {
		copy(b, x.applications[i].id)
		binary.LittleEndian.PutUint32(b[atRow:], x.applications[i].states)
	})
	all = appendTable(all, entryBytes, h.runs, func(i int, b []byte) { x.runs[i].put(b) })
	return appendTable(all, workerBytes, h.workers, func(i int, b []byte) {
		copy(b, x.workers[i].id)
		binary.LittleEndian.PutUint32(b[atRow:], x.workers[i].row)
	})
}

// header says how much is in an index.
type header struct{ applications, runs, workers int }

func (h header) put(b []byte) {
	copy(b, indexMagic)
	binary.LittleEndian.PutUint32(b[8:], uint32(h.applications))
	binary.LittleEndian.PutUint32(b[12:], uint32(h.runs))
	binary.LittleEndian.PutUint32(b[16:], uint32(h.workers))
	binary.LittleEndian.PutUint32(b[atSum:], crc32.Checksum(b[:atSum], castagnoli))
}

// headerOf reads a header, and says whether it is one.
func headerOf(b []byte) (h header, is bool) {
	h.applications = int(binary.LittleEndian.Uint32(b[8:]))
	h.runs = int(binary.LittleEndian.Uint32(b[12:]))
	h.workers = int(binary.LittleEndian.Uint32(b[16:]))
	is = string(b[:len(indexMagic)]) == indexMagic &&
		binary.LittleEndian.Uint32(b[atSum:]) == crc32.Checksum(b[:atSum], castagnoli)
	return h, is
}

// tables returns where the applications, the runs and the workers are.
func (h header) tables() (applications, runs, workers table) {
	applications = table{headerBytes, applicationBytes, h.applications}
	runs = table{applications.end(), entryBytes, h.runs}
	workers = table{runs.end(), workerBytes, h.workers}
	return applications, runs, workers
}

// size is how long the index is.
func (h header) size() int64 {
	_, _, workers := h.tables()
	return workers.end()
}
