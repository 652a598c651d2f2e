package runtime

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/headrace/headrace/internal/errs"
)

// maxTwins bounds how many folders of one name are looked at.
const maxTwins = 1000

// logsRoot is where folders of logs are that a Spec names.
func (r *Runtime) logsRoot() string { return filepath.Join(r.config.DataDir, logsDir) }

// claimLogs makes the worker's folder for logs, one that nobody had, and writes its name into the specification.
func (r *Runtime) claimLogs(spec *Spec) error {
	if spec.Logs == "" {
		return nil
	}
	if !filepath.IsLocal(spec.Logs) || filepath.Clean(spec.Logs) == "." {
		return errs.New(errs.Invalid, "cannot keep logs in %q: it is no folder below that of all logs", spec.Logs)
	}
	made, err := r.makeLogs(filepath.Clean(spec.Logs))
	if err == nil {
		spec.Logs = made
	}
	return err
}

// makeLogs makes a folder for logs, under the wanted name or one with a number behind it, and returns its name.
func (r *Runtime) makeLogs(wanted string) (name string, err error) {
	r.logs.Lock()
	defer r.logs.Unlock()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(r.logsRoot(), wanted)), 0o700); err != nil {
		return "", errs.New(errs.Unavailable, "cannot make a folder for logs: %w", err)
	}
	name = wanted
	for i := range maxTwins {
		if i > 0 {
			name = fmt.Sprintf("%s-%d", wanted, i+1)
		}
		err := os.Mkdir(filepath.Join(r.logsRoot(), name), 0o700)
		if err == nil || !errors.Is(err, fs.ErrExist) {
			return name, err
		}
	}
	return "", errs.New(errs.Unavailable, "cannot make a folder for logs: %s and %d more are taken", wanted, maxTwins-1)
}

// LogsDir returns the folder of a worker's stdout and stderr.
func (r *Runtime) LogsDir(id string) string { return r.logsOf(id) }

// logsOf returns the folder of a worker's logs.
func (r *Runtime) logsOf(id string) string {
	var spec Spec
	if found, err := readJSON(filepath.Join(r.Dir(id), specFile), &spec); found && err == nil && spec.Logs != "" {
		return filepath.Join(r.logsRoot(), spec.Logs)
	}
	return r.Dir(id)
}

// removeLogs removes a folder of logs, and the folders above it that are empty then.
func (r *Runtime) removeLogs(folder string) error {
	r.logs.Lock()
	defer r.logs.Unlock()
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	for up := filepath.Dir(folder); up != r.logsRoot() && len(up) > len(r.logsRoot()); up = filepath.Dir(up) {
		if os.Remove(up) != nil {
			break // it is not empty
		}
	}
	return nil
}

// sweepLogs removes folders of logs that an agent which died left without a worker's directory. A folder of logs is one
// that holds no folder.
func (r *Runtime) sweepLogs() error {
	kept, err := r.keptLogs()
	if err != nil {
		return err
	}
	var stray []string
	err = filepath.WalkDir(r.logsRoot(), func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.IsDir() || path == r.logsRoot() {
			return err
		}
		if kept[path] {
			return fs.SkipDir
		}
		if folders, err := hasFolders(path); err != nil || folders {
			return err
		}
		stray = append(stray, path)
		return nil
	})
	for _, folder := range stray {
		err = errors.Join(err, r.removeLogs(folder))
	}
	return err
}

// keptLogs returns the folders of logs of all workers' directories.
func (r *Runtime) keptLogs() (map[string]bool, error) {
	entries, err := os.ReadDir(r.root())
	kept := map[string]bool{}
	for _, entry := range entries {
		kept[r.logsOf(entry.Name())] = true
	}
	return kept, err
}

func hasFolders(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		if entry.IsDir() {
			return true, err
		}
	}
	return false, err
}
