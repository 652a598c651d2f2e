package runtime

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// The names below a worker's directory; see doc.go.
const (
	specFile      = "spec.json"
	shimFile      = "shim.json"
	stopFile      = "stop.json"
	exitFile      = "exit.json"
	shimLogFile   = "shim.log"
	forgottenFile = "forgotten"
	takenFile     = "taken"
	bundleDir     = "bundle" // of the sandbox
	logsDir       = "logs"   // beside the workers' directories
)

// writeJSON replaces a file at once: readers see the old or the new content. It is not synced: after a crash of the
// machine no worker is left that it could be about.
func writeJSON(path string, value any) error {
	content, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return replaceFile(path, content)
}

// replaceFile gives a file of mode 0600 its new content at once. See writeJSON.
func replaceFile(path string, content []byte) error {
	made, err := temporary(path, content)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(made) }()
	return os.Rename(made, path)
}

// claimJSON makes a file that must not be there: fs.ErrExist when somebody else was first.
func claimJSON(path string, value any) error {
	content, err := json.Marshal(value)
	if err != nil {
		return err
	}
	made, err := temporary(path, content)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(made) }()
	return os.Link(made, path)
}

// temporary writes a file of mode 0600 beside path and returns its name.
func temporary(path string, content []byte) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	return f.Name(), errors.Join(err, f.Close())
}

// readJSON reads a file; found is false when it is not there.
func readJSON(path string, value any) (found bool, err error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, json.Unmarshal(content, value)
}

// Keep keeps something that the agent is to know of a worker as long as its directory is there, under a file name that
// no other file there has, instead of what it kept under that name before. The directory has to be there: see MakeDir.
func (r *Runtime) Keep(id, name string, content []byte) error {
	return replaceFile(filepath.Join(r.Dir(id), name), content)
}

// Kept returns what Keep kept of a worker, also in an earlier life of the agent. The error is fs.ErrNotExist if nothing
// is.
func (r *Runtime) Kept(id, name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(r.Dir(id), name))
}
