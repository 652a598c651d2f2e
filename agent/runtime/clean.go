package runtime

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/internal/sweep"
)

// Forget says that the server knows a worker's end: it is not found again, and its directory may be cleaned. Its logs
// can be read until then.
func (r *Runtime) Forget(id string) error {
	f, err := os.OpenFile(filepath.Join(r.Dir(id), forgottenFile), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// Clean removes directories of forgotten workers that are older than KeepFor at that time, then the oldest until the
// rest uses no more than KeepBytes. Call it now and then.
func (r *Runtime) Clean(now time.Time) error {
	r.cleaning.Lock()
	defer r.cleaning.Unlock()
	all, err := r.forgotten()
	if err != nil {
		return err
	}
	keep := sweep.Bounds{Since: now.Add(-r.config.KeepFor), Bytes: r.config.KeepBytes}
	_, err = sweep.Oldest(all, keep, func(one sweep.Item) (freed bool, err error) {
		err = r.remove(one.Name, now)
		return err == nil, err
	})
	return errors.Join(err, r.removeLinks())
}

// remove removes a worker's logs, then its directory, which says where they are.
func (r *Runtime) remove(id string, now time.Time) error {
	if logs := r.logsOf(id); logs != r.Dir(id) {
		if err := r.removeLogs(logs); err != nil {
			return err
		}
	}
	if err := r.RemoveDir(id); err != nil {
		return err
	}
	delete(r.sizes, id)
	r.removed.note(id, now)
	return nil
}

// removeOldest removes the oldest directory that may be cleaned, and says whether there was one.
func (r *Runtime) removeOldest() bool {
	r.cleaning.Lock()
	defer r.cleaning.Unlock()
	all, err := r.forgotten()
	if err != nil {
		return false
	}
	oldest, is := sweep.First(all)
	return is && r.remove(oldest.Name, time.Now()) == nil
}

// forgotten returns what may be cleaned, by the ids of workers.
func (r *Runtime) forgotten() (all []sweep.Item, err error) {
	entries, err := os.ReadDir(r.root())
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			continue // the old name of a worker that was taken
		}
		info, err := os.Stat(filepath.Join(r.Dir(entry.Name()), forgottenFile))
		held := r.config.Holds != nil && r.config.Holds(entry.Name())
		if err == nil && !held {
			all = append(all, sweep.Item{
				Name:  entry.Name(),
				Used:  info.ModTime(),
				Bytes: r.size(entry.Name()),
			})
		}
	}
	return all, nil
}

// size returns what a forgotten worker uses of the disk: what its logs gave back does not count. It is measured once,
// as nobody writes there any more.
func (r *Runtime) size(id string) int64 {
	if known, ok := r.sizes[id]; ok {
		return known
	}
	total, _ := guest.Measure(r.Dir(id)) // as much as can be read
	if home, err := r.Home(id); err == nil {
		total += r.homeSize(id, home.path)
	}
	if logs := r.logsOf(id); logs != r.Dir(id) {
		bytes, _ := guest.Measure(logs)
		total += bytes
	}
	r.sizes[id] = total
	return total
}

// homeSize returns what a home uses, and all that its worker might have if it made itself unmeasurable.
func (r *Runtime) homeSize(id, path string) int64 {
	bytes, err := guest.Measure(path)
	if err == nil {
		return bytes
	}
	var spec Spec
	_, _ = readJSON(filepath.Join(r.Dir(id), specFile), &spec)
	return max(bytes, spec.DiskMiB*bytesPerMiB)
}
