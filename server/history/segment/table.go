package segment

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/headrace/headrace/internal/errs"
)

// pageEntries is how many entries of a table have a checksum together: who wants one reads as many.
const pageEntries = 64

// sumBytes is the length of a checksum.
const sumBytes = 4

// castagnoli is the polynomial of CRC-32C.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// table says where entries of one length lie in an index: in pages, each followed by its CRC-32C.
type table struct {
	at   int64
	size int // of an entry
	n    int // entries
}

// end is where what follows the table begins.
func (t table) end() int64 {
	pages := (t.n + pageEntries - 1) / pageEntries
	return t.at + int64(t.n*t.size+pages*sumBytes)
}

// page returns where the page with a number lies, and how long it is without its checksum.
func (t table) page(number int) (at int64, length int) {
	first := number * pageEntries
	return t.at + int64(first*t.size+number*sumBytes), min(pageEntries, t.n-first) * t.size
}

// appendTable appends a table whose entries put writes.
func appendTable(to []byte, size, n int, put func(i int, b []byte)) []byte {
	for first := 0; first < n; first += pageEntries {
		page := make([]byte, min(pageEntries, n-first)*size)
		for i := range len(page) / size {
			put(first+i, page[i*size:][:size])
		}
		to = append(to, page...)
		to = binary.LittleEndian.AppendUint32(to, crc32.Checksum(page, castagnoli))
	}
	return to
}

// read is the page that an index read last: a search often looks at it again.
type read struct {
	at      int64
	entries []byte // nil: there is none
}

// entry returns an entry of a table, which is the index's until the next call.
func (x *Index) entry(t table, i int) ([]byte, error) {
	page, err := x.page(t, i/pageEntries)
	if err != nil {
		return nil, err
	}
	return page[i%pageEntries*t.size:][:t.size], nil
}

// entries returns the entries of a table from one up to another one.
func (x *Index) entries(t table, begin, end int) (all []byte, err error) {
	for i := begin; i < end; {
		page, err := x.page(t, i/pageEntries)
		if err != nil {
			return nil, err
		}
		from := i % pageEntries
		n := min(pageEntries-from, end-i)
		all = append(all, page[from*t.size:(from+n)*t.size]...)
		i += n
	}
	return all, nil
}

// page returns the entries of a page, which are what was written.
func (x *Index) page(t table, number int) ([]byte, error) {
	at, length := t.page(number)
	if x.last.entries != nil && x.last.at == at {
		return x.last.entries, nil
	}
	page := make([]byte, length+sumBytes)
	if _, err := x.file.ReadAt(page, at); err != nil {
		return nil, err
	}
	if crc32.Checksum(page[:length], castagnoli) != binary.LittleEndian.Uint32(page[length:]) {
		return nil, errs.New(errs.Internal, "the index is damaged at byte %d", at)
	}
	x.last = read{at, page[:length]}
	return x.last.entries, nil
}
