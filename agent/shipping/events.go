package shipping

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Spark marks its event log as unfinished by a file that it renames in the end.
const (
	statusPrefix = "appstatus_"
	unfinished   = ".inprogress"
)

// maxEvents bounds the files of one event log.
const maxEvents = 10_000

// shipEvents brings Spark's event log as it lies there. The mark of an unfinished one goes only when nobody will rename it.
func (t *task) shipEvents(ctx context.Context, to place) error {
	var files []string
	err := filepath.WalkDir(t.Events, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case len(files) == maxEvents:
			return fs.SkipAll
		}
		mark := strings.HasPrefix(entry.Name(), statusPrefix) && strings.HasSuffix(entry.Name(), unfinished)
		if entry.Type().IsRegular() && !strings.HasPrefix(entry.Name(), ".") && (!mark || !t.Ended.IsZero()) {
			files = append(files, file)
		}
		return nil
	})
	for _, file := range files {
		name, relErr := filepath.Rel(t.Events, file)
		info, statErr := os.Stat(file)
		if errors.Is(statErr, fs.ErrNotExist) {
			continue // Spark has renamed it
		}
		if statErr = errors.Join(relErr, statErr); statErr == nil && info.Size() == 0 {
			if !strings.HasPrefix(filepath.Base(file), statusPrefix) {
				continue // it will grow: what is stored of it must be its beginning
			}
			file, statErr = t.blank()
			info, _ = os.Stat(file)
		}
		if statErr == nil {
			statErr = to.putWhole(ctx, file, path.Join(t.EventFolder, filepath.ToSlash(name)), info.Size())
		}
		err = errors.Join(err, statErr)
	}
	return err
}

// blank returns a file with one empty line. It stands for an empty file, which a place may not tell from none; of such files only
// the names mean something: they are marks.
func (t *task) blank() (file string, err error) {
	file = filepath.Join(t.dir, "blank")
	return file, os.WriteFile(file, []byte("\n"), 0o600)
}
