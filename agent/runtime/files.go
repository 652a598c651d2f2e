package runtime

import (
	"os"
	"path/filepath"

	"github.com/headrace/headrace/internal/atomicfile"
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

// writeJSON replaces a file of mode 0600 at once: readers see the old or the new content. It is not synced: after a
// crash of the machine no worker is left that it could be about.
func writeJSON(path string, value any) error {
	return atomicfile.WriteJSON(path, atomicfile.Options{}, value)
}

// claimJSON makes a file of mode 0600 that must not be there: fs.ErrExist when somebody else was first.
func claimJSON(path string, value any) error {
	return atomicfile.WriteJSON(path, atomicfile.Options{Exclusive: true}, value)
}

// readJSON reads a file that the agent or a shim wrote; found is false when it is not there.
func readJSON(path string, value any) (found bool, err error) {
	return atomicfile.ReadJSON(path, value)
}

// Keep keeps something that the agent is to know of a worker as long as its directory is there, under a file name that
// no other file there has, instead of what it kept under that name before. The directory has to be there: see MakeDir.
func (r *Runtime) Keep(id, name string, content []byte) error {
	return atomicfile.WriteBytes(filepath.Join(r.Dir(id), name), atomicfile.Options{}, content)
}

// Kept returns what Keep kept of a worker, also in an earlier life of the agent. The error is fs.ErrNotExist if nothing
// is.
func (r *Runtime) Kept(id, name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(r.Dir(id), name))
}
