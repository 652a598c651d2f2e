package shipping

import (
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/internal/logpath"
)

const (
	// memberBytes is the most that one gzip member holds, before compression.
	memberBytes = 4 << 20
	// maxStaged is how much may wait in staging for a destination that does not take it. Beyond it the worker's own
	// file keeps the rest, and when every other destination has what waits, it goes without.
	maxStaged = 256 << 20
	// keptBytes is how much of a stream stays on the node, besides what is not shipped yet.
	keptBytes = 128 << 20
	// untakenBytes is how much stays of a stream that is taken nowhere.
	untakenBytes = 1 << 30
	// roundBytes is how much of a stream is staged at once; then other shipments go on.
	roundBytes = 64 << 20
)

// cursor is how far a stream is in staging.
type cursor struct {
	Raw    int64 `json:"raw"`           // bytes of the stream that are in staging, or were
	Part   int64 `json:"part"`          // the part that they go to
	Staged int64 `json:"staged"`        // bytes of that part's staging file that count
	Oldest int64 `json:"oldest"`        // the oldest part that some destination lacks
	Cut    bool  `json:"cut,omitempty"` // the stream has a hole there, and what follows is not taken
}

// stream is stdout or stderr of one worker. One goroutine at a time uses it.
type stream struct {
	dir        string // of the shipment
	source     string // the worker's own file
	name       string // stdout or stderr
	folder     string // where it goes
	partBytes  int64
	maxStaged  int64
	roundBytes int64
	cursor     cursor
}

// openStream goes on where the cursor is. What was staged after it was not noted, and is staged again.
func openStream(dir string, s Shipment, name string, partBytes int64) (*stream, error) {
	st := &stream{
		dir:        dir,
		source:     filepath.Join(s.Logs, name),
		name:       name,
		folder:     s.Folder,
		partBytes:  partBytes,
		maxStaged:  maxStaged,
		roundBytes: roundBytes,
	}
	if err := read(st.cursorPath(), &st.cursor); err != nil {
		return nil, fmt.Errorf("cannot read how far %s is: %w", name, err)
	}
	return st, st.recover()
}

// recover cuts staging to what was noted. What is not there, as after a power loss, is staged again while the worker's
// own file has it: its beginning may have been given back to the disk.
func (s *stream) recover() error {
	info, err := os.Stat(s.staging(s.cursor.Part))
	if err == nil && info.Size() >= s.cursor.Staged {
		return os.Truncate(s.staging(s.cursor.Part), s.cursor.Staged)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.cursor.Staged, s.cursor.Raw = 0, s.cursor.Part*s.partBytes
	cut := s.cursor.Cut
	s.cursor.Cut = false // its end is staged again
	begins, err := firstData(s.source)
	if err != nil {
		return err
	}
	if cut {
		begins = 0 // what begins after the hole is not taken
	}
	if first := (begins + s.partBytes - 1) / s.partBytes; first > s.cursor.Part {
		s.cursor.Part, s.cursor.Oldest, s.cursor.Raw = first, first, first*s.partBytes
	}
	return os.RemoveAll(s.staging(s.cursor.Part))
}

// firstData returns where the first byte of a file is that was not given back to the disk.
func firstData(path string) (int64, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }()
	begins, _ := guest.Data(file, 0)
	if begins == math.MaxInt64 {
		return 0, nil // it is empty
	}
	return begins, nil
}

func (s *stream) cursorPath() string { return filepath.Join(s.dir, s.name+".json") }

func (s *stream) staging(part int64) string {
	return filepath.Join(s.dir, fmt.Sprintf("%s_%d.gz", s.name, part))
}

// stage compresses what the worker has written since, as much as may wait and as one round takes. more says that there
// is more.
func (s *stream) stage() (more bool, err error) {
	if s.cursor.Cut {
		return false, s.trim()
	}
	source, err := os.Open(s.source)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // it has not begun
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = source.Close() }()
	buffer := make([]byte, memberBytes)
	for began := s.cursor.Raw; s.waiting() < s.maxStaged && s.cursor.Raw-began < s.roundBytes; {
		n, err := s.readNext(source, buffer)
		if errors.Is(err, errHole) {
			return false, s.cut()
		}
		if n == 0 && errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
		if err := s.add(buffer[:n]); err != nil {
			return false, err
		}
	}
	return true, nil
}

// readNext reads what comes next of a stream, as far as its part and its data go.
func (s *stream) readNext(source *os.File, buffer []byte) (n int, err error) {
	if ended, err := s.readAll(source); ended || err != nil {
		return 0, cmp.Or(err, io.EOF)
	}
	begins, ends := guest.Data(source, s.cursor.Raw)
	if begins > s.cursor.Raw {
		if ended, err := s.readAll(source); ended || err != nil {
			return 0, cmp.Or(err, io.EOF) // the worker has cut it since
		}
		return 0, errHole
	}
	left := min((s.cursor.Part+1)*s.partBytes, ends) - s.cursor.Raw
	return source.ReadAt(buffer[:min(left, int64(len(buffer)))], s.cursor.Raw)
}

// readAll says whether all of a stream is in staging.
func (s *stream) readAll(source *os.File) (bool, error) {
	info, err := source.Stat()
	return err == nil && info.Size() <= s.cursor.Raw, err
}

// errHole ends a stream. No program that only writes makes a hole, and to compress one of terabytes takes hours.
var errHole = errors.New("the stream has a hole")

// cut ends the stream with words for people.
func (s *stream) cut() (err error) {
	words := fmt.Sprintf("\nheadrace: this log ends here: "+
		"its program made a hole in it at byte %d, and what follows is not kept\n", s.cursor.Raw)
	if s.cursor.Staged, err = s.compress([]byte(words)); err != nil {
		return err
	}
	s.cursor.Cut = true
	return write(s.cursorPath(), s.cursor)
}

// waiting returns how many bytes of older parts wait for a destination.
func (s *stream) waiting() (bytes int64) {
	for part := s.cursor.Oldest; part < s.cursor.Part; part++ {
		if info, err := os.Stat(s.staging(part)); err == nil {
			bytes += info.Size()
		}
	}
	return bytes
}

// add stages bytes and notes it. A part that is full is followed by the next one.
func (s *stream) add(raw []byte) error {
	size, err := s.compress(raw)
	if err != nil {
		return err
	}
	s.cursor.Raw += int64(len(raw))
	s.cursor.Staged = size
	if s.cursor.Raw == (s.cursor.Part+1)*s.partBytes {
		s.cursor.Part++
		s.cursor.Staged = 0
	}
	return write(s.cursorPath(), s.cursor)
}

// compress appends a gzip member and returns the size of the staging file then. Its name tells readers which part it
// is.
func (s *stream) compress(raw []byte) (size int64, err error) {
	file, err := os.OpenFile(s.staging(s.cursor.Part), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Seek(s.cursor.Staged, io.SeekStart); err != nil {
		return 0, err
	}
	member := gzip.NewWriter(file)
	member.Name = fmt.Sprintf("%s_%d", s.name, s.cursor.Part)
	if _, err := member.Write(raw); err != nil {
		return 0, err
	}
	if err := member.Close(); err != nil {
		return 0, err
	}
	return file.Seek(0, io.SeekCurrent)
}

// part is one staging file and where it goes.
type part struct {
	file     string // on this node
	size     int64
	archived string // its name once the part is full, and always on the servers' disks, where files only grow
	latest   string // its name until then
	full     bool
}

// open calls use with the staging file.
func (p part) open(use func(*os.File) error) error {
	file, err := os.Open(p.file)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	return use(file)
}

// parts returns what some destination may lack, oldest first.
func (s *stream) parts() (all []part) {
	for i := s.cursor.Oldest; i <= s.cursor.Part; i++ {
		p := part{
			file: s.staging(i), full: i < s.cursor.Part, size: s.cursor.Staged,
			archived: logpath.Archived(s.folder, s.name, i), latest: logpath.Latest(s.folder, s.name),
		}
		if p.full {
			info, err := os.Stat(p.file)
			if err != nil {
				continue
			}
			p.size = info.Size()
		}
		if p.size > 0 {
			all = append(all, p)
		}
	}
	return all
}

// trim gives the disk back what a stream that nobody takes has before its newest bytes.
func (s *stream) trim() error {
	info, err := os.Stat(s.source)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return punch(s.source, info.Size()-untakenBytes)
}

// delivered notes that every destination has all parts that are full: they go, and with them their bytes of the
// worker's file.
func (s *stream) delivered() error {
	if s.cursor.Oldest == s.cursor.Part {
		return nil
	}
	for i := s.cursor.Oldest; i < s.cursor.Part; i++ {
		if err := os.Remove(s.staging(i)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	s.cursor.Oldest = s.cursor.Part
	if err := write(s.cursorPath(), s.cursor); err != nil {
		return err
	}
	return punch(s.source, s.cursor.Raw-keptBytes)
}

// punch gives the first bytes of a file back to the disk; the others keep their offsets. Where the file system cannot,
// nothing happens.
func punch(path string, bytes int64) error {
	if bytes <= 0 {
		return nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	err = unix.Fallocate(int(file.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, 0, bytes)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return nil
	}
	return err
}
