package durable

import "github.com/headrace/headrace/internal/atomicfile"

// Store keeps a value in a file of mode 0600, as JSON. Readers see the old or the new content, also after a crash.
func Store(path string, value any) error {
	return atomicfile.WriteJSON(path, atomicfile.Options{Sync: true}, value)
}

// Load reads a value that was stored; found is false if there is none.
func Load(path string, value any) (found bool, err error) { return atomicfile.ReadJSON(path, value) }
