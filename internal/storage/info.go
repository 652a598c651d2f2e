package storage

import "time"

// Info is what is known of a file without its content.
type Info struct {
	// URI is the file's own, as Read takes it.
	URI string
	// Size is the whole file's, in bytes.
	Size int64
	// Modified is when the file was last replaced, by the clock of where it lies.
	Modified time.Time
}
