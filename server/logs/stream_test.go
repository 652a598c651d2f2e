package logs

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/headrace/headrace/internal/errs"
)

// testPart is the size of parts in these tests.
const testPart = 300_000

// memory is a backend of files in memory.
type memory map[string][]byte

func (m memory) Stat(_ context.Context, file string) (int64, error) {
	if content, ok := m[file]; ok {
		return int64(len(content)), nil
	}
	return 0, errs.New(errs.NotFound, "no %s", file)
}

func (m memory) List(context.Context, string) ([]File, error) {
	return nil, errs.New(errs.NotFound, "streams list nothing")
}

func (m memory) Read(_ context.Context, file string, offset int64) (io.ReadCloser, error) {
	if content, ok := m[file]; ok {
		return io.NopCloser(bytes.NewReader(content[offset:])), nil
	}
	return nil, errs.New(errs.NotFound, "no %s", file)
}

// zip compresses parts, each as a member of its own; the name stands in the first one.
func zip(t *testing.T, name string, parts ...[]byte) []byte {
	t.Helper()
	var file bytes.Buffer
	for _, part := range parts {
		w, err := gzip.NewWriterLevel(&file, gzip.BestSpeed)
		if err != nil {
			t.Fatal(err)
		}
		w.Name = name
		_, err = w.Write(part)
		if err = errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return file.Bytes()
}

// text is n bytes of a log from an offset on, of which every part is different.
func text(offset int64, n int) []byte {
	all := make([]byte, n)
	for i := range all {
		at := offset + int64(i)
		all[i] = byte(at ^ at>>8 ^ at>>16 ^ at>>24)
	}
	return all
}

// read reads what a backend has of driver's stdout from an offset on, and checks it against text.
func read(t *testing.T, backend Backend, offset int64) (end int64, found bool) {
	t.Helper()
	s := Stream{Backend: backend, Folder: "f", Name: "stdout", part: testPart}
	end = offset
	found, err := s.Copy(t.Context(), offset, func(at int64, data []byte) error {
		if at != end || len(data) > rawBytes || !bytes.Equal(data, text(at, len(data))) {
			t.Fatalf("%d bytes at %d are not what follows %d", len(data), at, end)
		}
		end += int64(len(data))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return end, found
}

func TestStream_ReadsPartsAsOneLog(t *testing.T) {
	const p = testPart
	first := zip(t, "stdout_0", text(0, p))
	second := zip(t, "stdout_1", text(p, p))
	newest := zip(t, "stdout_2", text(2*p, 1000), text(2*p+1000, 500))
	all := memory{"f/archived/stdout_0.gz": first, "f/archived/stdout_1.gz": second, "f/stdout.gz": newest}
	for _, offset := range []int64{p - 10, p, p + 1, 2*p - 1, 2 * p, 2*p + 1499, 2*p + 1500} {
		if end, found := read(t, all, offset); end != 2*p+1500 || !found {
			t.Errorf("from %d to %d", offset, end)
		}
	}
	if end, _ := read(t, all, 2*p+9000); end != 2*p+9000 {
		t.Errorf("behind the end: to %d", end)
	}
	// A part was archived, and the newest file still is that part, or a beginning of it.
	for _, stale := range [][]byte{second, zip(t, "stdout_1", text(p, 5000))} {
		files := memory{
			"f/archived/stdout_0.gz": first,
			"f/archived/stdout_1.gz": second,
			"f/stdout.gz":            stale,
		}
		if end, _ := read(t, files, 2*p-100); end != 2*p {
			t.Errorf("with a newest file that is archived: to %d", end)
		}
	}
	// The newest file is full, and is not archived yet.
	if end, _ := read(t, memory{"f/archived/stdout_0.gz": first, "f/stdout.gz": second}, p+7); end != 2*p {
		t.Errorf("with a full newest file: to %d", end)
	}
}

func TestStream_IsAsLongAsWhatCanBeDecompressed(t *testing.T) {
	if end, found := read(t, memory{}, 0); end != 0 || found {
		t.Errorf("nothing there: to %d, %v", end, found)
	}
	whole := zip(t, "", text(0, 3000), text(3000, 3000), text(6000, 3000))
	last := int64(0)
	for cut := range len(whole) + 1 {
		end, found := read(t, memory{"f/stdout.gz": whole[:cut]}, 0)
		if !found || end < last {
			t.Fatalf("cut at %d: to %d after %d, %v", cut, end, last, found)
		}
		last = end
		if end > 10 {
			if from, _ := read(t, memory{"f/stdout.gz": whole[:cut]}, end-10); from != end {
				t.Fatalf("cut at %d: to %d, and from close to there to %d", cut, end, from)
			}
		}
	}
	if last != 9000 {
		t.Errorf("whole: to %d", last)
	}
}

// counting counts reads.
type counting struct {
	memory
	reads int
}

func (c *counting) Read(ctx context.Context, file string, offset int64) (io.ReadCloser, error) {
	c.reads++
	return c.memory.Read(ctx, file, offset)
}

func TestStream_DoesNotReadAgainWhatDidNotGrow(t *testing.T) {
	backend := &counting{memory: memory{"f/stdout.gz": zip(t, "", text(0, 100))}}
	s := Stream{Backend: backend, Folder: "f", Name: "stdout"}
	end := int64(0)
	copyAll := func() {
		_, err := s.Copy(t.Context(), end, func(at int64, data []byte) error {
			end = at + int64(len(data))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		copyAll()
	}
	if end != 100 || backend.reads != 1 {
		t.Errorf("to %d with %d reads", end, backend.reads)
	}
	backend.memory["f/stdout.gz"] = zip(t, "", text(0, 100), text(100, 50))
	copyAll()
	if end != 150 || backend.reads != 2 {
		t.Errorf("to %d with %d reads after it grew", end, backend.reads)
	}
}

func TestStream_ABrokenFileIsAnError(t *testing.T) {
	broken := zip(t, "", text(0, 1000))
	broken[len(broken)-6] ^= 1 // in the checksum
	s := Stream{Backend: memory{"f/stdout.gz": broken}, Folder: "f", Name: "stdout"}
	if _, err := s.Copy(t.Context(), 0, func(int64, []byte) error { return nil }); !errs.Is(err, errs.Unavailable) {
		t.Errorf("got %v", err)
	}
}

// asked counts what a backend is asked.
type asked struct {
	memory
	times int
}

func (a *asked) Stat(ctx context.Context, file string) (int64, error) {
	a.times++
	return a.memory.Stat(ctx, file)
}

// An offset that a user chose was counted down, part by part, for ever.
func TestStream_AnOffsetFarAfterTheEndIsAnsweredAtOnce(t *testing.T) {
	for _, content := range []memory{
		{},
		{"f/stdout.gz": zip(t, "stdout_0", text(0, 100))},
		{"f/stdout.gz": zip(t, "", text(0, 100))},
	} {
		backend := &asked{memory: content}
		s := Stream{Backend: backend, Folder: "f", Name: "stdout"}
		_, err := s.Copy(t.Context(), 9e18, func(int64, []byte) error { return errors.New("nothing is there") })
		if err != nil || backend.times > 4 {
			t.Errorf("%v after %d questions", err, backend.times)
		}
	}
}

// Parts before it are gone with their retention; what is left is read all the same.
func TestStream_ReadsANewestFileWithoutTheArchivesBeforeIt(t *testing.T) {
	const p = testPart
	for name, backend := range map[string]memory{
		"newest":   {"f/stdout.gz": zip(t, "stdout_7", text(7*p, 1000))},
		"archived": {"f/archived/stdout_7.gz": zip(t, "", text(7*p, 1000))},
	} {
		if end, found := read(t, backend, 7*p+10); end != 7*p+1000 || !found {
			t.Errorf("%s: to %d, %t", name, end, found)
		}
	}
}

func TestStream_AFileGivesNoMoreThanItsPart(t *testing.T) {
	const p = testPart
	if end, _ := read(t, memory{"f/archived/stdout_0.gz": zip(t, "stdout_0", text(0, 10*p))}, 5); end != p {
		t.Errorf("to %d", end)
	}
}
