package segment

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/parquet-go/parquet-go"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	snapshotv1 "github.com/headrace/headrace/proto/headrace/snapshot/v1"
)

// File is a segment that is open. One goroutine uses it.
type File struct {
	file    *os.File
	chunks  [3]parquet.ColumnChunk // of the columns application_row, settings_row and run_row
	rows    int
	pages   [3]parquet.Pages
	decoded shared
}

// shared keeps the messages that were decoded last: those of neighbours are often the same.
type shared struct {
	applicationText, settingsText string
	application                   *snapshotv1.Application
	settings                      *eventv1.Content
}

// columns are those that the servers read.
var columns = [3]string{"application_row", "settings_row", "run_row"}

// Open opens a segment. Close ends it.
func Open(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f := &File{file: file}
	if err := f.open(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (f *File) open() error {
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	p, err := parquet.OpenFile(f.file, info.Size(), parquet.SkipBloomFilters(true))
	if err != nil {
		return f.damaged(err)
	}
	groups := p.RowGroups()
	if len(groups) != 1 {
		return f.damaged(errs.New(errs.Internal, "it has %d groups of rows, not 1", len(groups)))
	}
	f.rows = int(groups[0].NumRows())
	for i, name := range columns {
		leaf, is := p.Schema().Lookup(name)
		if !is {
			return f.damaged(errs.New(errs.Internal, "it has no column %s", name))
		}
		f.chunks[i] = groups[0].ColumnChunks()[leaf.ColumnIndex]
		f.pages[i] = f.chunks[i].Pages()
	}
	return nil
}

// damaged says that a segment cannot be read.
func (f *File) damaged(err error) error {
	return errs.New(errs.Internal, "cannot read segment %s of the history: %w", filepath.Base(f.file.Name()), err)
}

// Close closes it.
func (f *File) Close() (err error) {
	for _, pages := range f.pages {
		if pages != nil {
			err = errors.Join(err, pages.Close())
		}
	}
	return errors.Join(err, f.file.Close())
}

// Rows returns how many runs are in it.
func (f *File) Rows() int { return f.rows }

// Read returns the run in a row.
func (f *File) Read(row int) (finished fsm.Finished, err error) {
	if row < 0 || row >= f.rows {
		return finished, f.damaged(errs.New(errs.Internal, "it has %d rows, and row %d is asked for", f.rows, row))
	}
	var texts [3][]byte
	for i := range columns {
		if texts[i], err = f.value(i, row); err != nil {
			return finished, f.damaged(err)
		}
	}
	if finished, err = f.decoded.decode(texts); err != nil {
		return finished, f.damaged(err)
	}
	return finished, nil
}

// value returns the value of a column in a row.
func (f *File) value(column, row int) ([]byte, error) {
	if err := f.pages[column].SeekToRow(int64(row)); err != nil {
		return nil, err
	}
	page, err := f.pages[column].ReadPage()
	if err != nil {
		return nil, err
	}
	defer parquet.Release(page)
	var value [1]parquet.Value
	n, err := page.Values().ReadValues(value[:])
	if n != 1 {
		return nil, errs.New(errs.Internal, "column %s ends before row %d: %w", columns[column], row, err)
	}
	return slices.Clone(value[0].ByteArray()), nil
}

// decode reads what the three columns say of a run.
func (s *shared) decode(texts [3][]byte) (finished fsm.Finished, err error) {
	if string(texts[0]) != s.applicationText {
		application := &snapshotv1.Application{}
		if err := proto.Unmarshal(texts[0], application); err != nil {
			return finished, err
		}
		s.application, s.applicationText = application, string(texts[0])
	}
	if string(texts[1]) != s.settingsText {
		settings := &eventv1.Content{}
		if err := proto.Unmarshal(texts[1], settings); err != nil {
			return finished, err
		}
		s.settings, s.settingsText = settings, string(texts[1])
	}
	finished.Run = &snapshotv1.FinishedJobRun{}
	err = proto.Unmarshal(texts[2], finished.Run)
	if len(texts[0]) > 0 {
		finished.Application = s.application
	}
	if len(texts[1]) > 0 {
		finished.Inherited = s.settings
	}
	return finished, err
}

// each gives all runs with their rows, in their order.
func (f *File) each(take func(row int, finished fsm.Finished) error) error {
	var readers [3]*values
	for i := range columns {
		readers[i] = &values{pages: f.chunks[i].Pages()}
		defer func() { _ = readers[i].close() }()
	}
	for row := range f.rows {
		var texts [3][]byte
		for i := range columns {
			text, err := readers[i].next()
			if err != nil {
				return f.damaged(err)
			}
			texts[i] = text
		}
		finished, err := f.decoded.decode(texts)
		if err != nil {
			return f.damaged(err)
		}
		if err := take(row, finished); err != nil {
			return err
		}
	}
	return nil
}

// values reads all values of a column.
type values struct {
	pages parquet.Pages
	page  parquet.Page
	from  parquet.ValueReader
}

func (v *values) next() ([]byte, error) {
	var value [1]parquet.Value
	for {
		if v.from != nil {
			n, err := v.from.ReadValues(value[:])
			if n == 1 {
				return slices.Clone(value[0].ByteArray()), nil
			}
			if err != nil && !errors.Is(err, io.EOF) {
				return nil, err
			}
			parquet.Release(v.page)
			v.from = nil
		}
		page, err := v.pages.ReadPage()
		if err != nil {
			return nil, err
		}
		v.page, v.from = page, page.Values()
	}
}

func (v *values) close() error {
	if v.from != nil {
		parquet.Release(v.page)
	}
	return v.pages.Close()
}
