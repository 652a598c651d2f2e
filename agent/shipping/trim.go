package shipping

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/internal/eventlog"
)

const (
	// usualKeptEvents is how many parts of an event log stay on the node at least: 128 MiB, unless a run says how large
	// they are.
	usualKeptEvents = 8
	// maxWaitingEvents is how many bytes of older parts may wait for a destination. Beyond it the oldest go: a stream is
	// not to end because its event log fills its disk.
	maxWaitingEvents = 1 << 30
)

// brought is what was brought of an event log in one round.
type brought struct {
	sizes map[string]int64 // by file
	times map[string]int   // to how many sinks that size was
}

// note adds that a sink has so many bytes of a file.
func (b *brought) note(name string, size int64) {
	if b.times[name] > 0 && b.sizes[name] != size {
		return // it has grown meanwhile: not all have all of it
	}
	b.sizes[name] = size
	b.times[name]++
}

// trimEvents gives the disk back what every destination has of an event log in parts, but for the newest parts: those
// of the files that were there before they were brought.
func (t *task) trimEvents(work *guest.Folder, files []*eventFile, b *brought) error {
	var older []*eventFile
	for _, log := range logsOf(files) {
		older = append(older, log[:max(0, len(log)-t.keptEvents())]...)
	}
	return t.trim(work, older, b)
}

// keptEvents is how many parts of a log stay: always the newest, which Spark writes.
func (t *task) keptEvents() int { return max(1, cmp.Or(t.KeptEvents, usualKeptEvents)) }

// logsOf returns the parts of each log in parts, in order.
func logsOf(files []*eventFile) (logs [][]*eventFile) {
	folder := ""
	for _, file := range files { // those of a folder are together
		if _, isPart := eventlog.Part(file.name); !isPart {
			continue
		}
		if in := path.Dir(file.name); in != folder {
			folder = in
			logs = append(logs, nil)
		}
		last := len(logs) - 1
		logs[last] = append(logs[last], file)
	}
	return logs
}

// trim removes older parts that all destinations have, and the oldest others if too many bytes of them wait.
func (t *task) trim(work *guest.Folder, older []*eventFile, b *brought) error {
	waiting := int64(0)
	for i := len(older) - 1; i >= 0; i-- {
		size, err := sizeOf(work, older[i].name)
		if err != nil {
			continue // it is gone, or no file any more
		}
		there := len(t.events) == b.times[older[i].name] && (len(t.events) == 0 || b.sizes[older[i].name] == size)
		if !there {
			waiting += size
			if waiting <= t.maxWaiting {
				continue
			}
		}
		if err := t.dropEvent(work, older[i].name); err != nil {
			return fmt.Errorf("cannot remove a part of the event log that was taken, or given up: %w", err)
		}
		if !there {
			t.lost++
		}
	}
	return nil
}

// loss says how much of the event log was given up since the agent began with it, until the agent's log tells it. It
// does not tell each round.
func (t *task) loss() error {
	if t.lost == t.lossTold {
		return nil
	}
	return fmt.Errorf("%d files of the event log are given up by now: more than %d MiB waited for a destination",
		t.lost, t.maxWaiting>>20)
}

// sizeOf returns the size of a part. It is asked once a newer one is there, so that Spark writes no more to it.
func sizeOf(work *guest.Folder, name string) (int64, error) {
	info, err := work.Stat(name)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// dropEvent removes a file of the event log. It counts no longer among those that are taken.
func (t *task) dropEvent(work *guest.Folder, name string) error {
	err := work.Do(func(root *os.Root) error { return root.Remove(name) })
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	delete(t.taken, name)
	stored, err := t.storedAs(name)
	for _, to := range t.events {
		to.forget(stored)
	}
	return err
}
