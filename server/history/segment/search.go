package segment

import (
	"encoding/binary"
	"os"
	"sort"
	"strings"

	"github.com/headrace/headrace/internal/errs"
)

// BlockEntries is how many entries a list reads at once.
const BlockEntries = 256

// Index is the index of a segment, open. One goroutine uses it.
type Index struct {
	file *os.File
	last read

	applications, runs, workers table
}

// OpenIndex opens an index, unless it is not whole.
func OpenIndex(path string) (*Index, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	x := &Index{file: file}
	if err := x.open(); err != nil {
		_ = file.Close()
		return nil, err
	}
	return x, nil
}

func (x *Index) open() error {
	info, err := x.file.Stat()
	if err != nil {
		return err
	}
	var b [headerBytes]byte
	if _, err := x.file.ReadAt(b[:], 0); err != nil {
		return err
	}
	h, is := headerOf(b[:])
	if !is || h.size() != info.Size() {
		return errs.New(errs.Internal, "the index is not whole: it has %d bytes", info.Size())
	}
	x.applications, x.runs, x.workers = h.tables()
	return nil
}

// Close closes it.
func (x *Index) Close() error { return x.file.Close() }

// Runs returns how many runs are in the segment.
func (x *Index) Runs() int { return x.runs.n }

// Run returns the row of a run; -1: it is not in the segment.
func (x *Index) Run(id string) (row int, err error) {
	return x.find(id, x.runs)
}

// Worker returns the row of a worker's run; -1: it is not in the segment.
func (x *Index) Worker(id string) (row int, err error) {
	return x.find(id, x.workers)
}

// find returns the row of an id; both kinds of entry have it at the same place.
func (x *Index) find(id string, in table) (row int, err error) {
	i, err := x.first(id, in)
	if err != nil || i == in.n {
		return -1, err
	}
	b, err := x.entry(in, i)
	if err != nil || idOf(b) != id {
		return -1, err
	}
	return rowIn(b), nil
}

// rowIn returns the row that an entry says.
func rowIn(b []byte) int { return int(binary.LittleEndian.Uint32(b[atRow:])) }

// first returns the place of the first entry of a table whose id is not below an id.
func (x *Index) first(id string, in table) (place int, err error) {
	place = sort.Search(in.n, func(i int) bool {
		b, failed := x.entry(in, i)
		if failed != nil {
			err = failed
			return true
		}
		return idOf(b) >= id
	})
	return place, err
}

// Found is a run that a query selects.
type Found struct {
	ID  string
	Row int
}

// Below returns the newest runs that a query selects among those with an id below another one, at most as many as a
// block has. It says how many it looked at, and from which id on it did; empty: there is none below those.
func (x *Index) Below(q Query, id string) (found []Found, looked int, from string, err error) {
	f, some, err := x.filter(q)
	if err != nil || !some {
		return nil, 0, "", err
	}
	end, err := x.first(id, x.runs)
	if err != nil || end == 0 {
		return nil, 0, "", err
	}
	begin := max(end-BlockEntries, 0)
	block, err := x.entries(x.runs, begin, end)
	if err != nil {
		return nil, 0, "", err
	}
	for i := end - begin - 1; i >= 0; i-- {
		b := block[i*entryBytes:][:entryBytes]
		if f.takes(b) && strings.HasPrefix(idOf(b), q.Prefix) {
			found = append(found, Found{ID: idOf(b), Row: rowIn(b)})
		}
	}
	if begin > 0 {
		from = idOf(block)
	}
	return found, end - begin, from, nil
}

// filter prepares a query. If the segment has no run that it could select, some is false.
func (x *Index) filter(q Query) (f filter, some bool, err error) {
	f = q.compile(-1)
	all, err := x.entries(x.applications, 0, x.applications.n)
	if err != nil {
		return f, false, err
	}
	for i := range x.applications.n {
		b := all[i*applicationBytes:]
		mine := q.Application == "" || idOf(b) == q.Application
		if !mine || !among(f, binary.LittleEndian.Uint32(b[atRow:])) {
			continue
		}
		some = true
		if q.Application != "" {
			f.application = int64(i)
		}
	}
	return f, some, nil
}

// WorkersFrom returns the first workers, at most n, whose id begins with a prefix and comes after another one.
func (x *Index) WorkersFrom(prefix, after string, n int) (found []Found, err error) {
	begin, err := x.first(max(prefix, after), x.workers)
	if err != nil {
		return nil, err
	}
	block, err := x.entries(x.workers, begin, min(begin+n+1, x.workers.n))
	if err != nil {
		return nil, err
	}
	for ; len(block) > 0 && len(found) < n; block = block[workerBytes:] {
		id := idOf(block)
		if !strings.HasPrefix(id, prefix) {
			break
		}
		if id > after {
			found = append(found, Found{ID: id, Row: rowIn(block)})
		}
	}
	return found, nil
}
