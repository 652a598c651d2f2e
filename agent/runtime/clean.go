package runtime

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/headrace/headrace/agent/guest"
)

// Forget says that the server knows a worker's end: it is not found again, and its directory may be cleaned. Its logs can be
// read until then.
func (r *Runtime) Forget(id string) error {
	f, err := os.OpenFile(filepath.Join(r.Dir(id), forgottenFile), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// forgotten is a directory that may be cleaned.
type forgotten struct {
	id    string
	since time.Time
	bytes int64
}

// Clean removes directories of forgotten workers that are older than KeepFor at that time, then the oldest until the rest uses
// no more than KeepBytes. Call it now and then.
func (r *Runtime) Clean(now time.Time) error {
	r.cleaning.Lock()
	defer r.cleaning.Unlock()
	all, err := r.forgotten()
	if err != nil {
		return err
	}
	var total int64
	for _, f := range all {
		total += f.bytes
	}
	for _, f := range all {
		if now.Sub(f.since) <= r.config.KeepFor && total <= r.config.KeepBytes {
			break
		}
		if err := r.remove(f.id, now); err != nil {
			return err
		}
		total -= f.bytes
	}
	return r.removeLinks()
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
	return err == nil && len(all) > 0 && r.remove(all[0].id, time.Now()) == nil
}

// forgotten returns what may be cleaned, oldest first.
func (r *Runtime) forgotten() ([]forgotten, error) {
	entries, err := os.ReadDir(r.root())
	if err != nil {
		return nil, err
	}
	var all []forgotten
	for _, entry := range entries {
		if !entry.IsDir() {
			continue // the old name of a worker that was taken
		}
		info, err := os.Stat(filepath.Join(r.Dir(entry.Name()), forgottenFile))
		held := r.config.Holds != nil && r.config.Holds(entry.Name())
		if err == nil && !held {
			all = append(all, forgotten{id: entry.Name(), since: info.ModTime(), bytes: r.size(entry.Name())})
		}
	}
	slices.SortStableFunc(all, func(a, b forgotten) int { return a.since.Compare(b.since) })
	return all, nil
}

// size returns what a forgotten worker uses. It is measured once: nobody writes there any more.
func (r *Runtime) size(id string) int64 {
	if known, ok := r.sizes[id]; ok {
		return known
	}
	total := sizeOf(r.Dir(id))
	if home, err := r.Home(id); err == nil {
		total += r.homeSize(id, home.path)
	}
	if logs := r.logsOf(id); logs != r.Dir(id) {
		total += sizeOf(logs)
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

// sizeOf returns what the files below a directory use.
func sizeOf(dir string) (total int64) {
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // what cannot be read is not counted
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			total += info.Size()
		}
		return nil
	})
	return total
}
