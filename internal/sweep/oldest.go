package sweep

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"
)

// Item is a thing that is kept, and removed as a whole.
type Item struct {
	// Name is what the caller knows it by. Of two things that were last used at the same time, the one whose name is
	// first goes first.
	Name string
	// Used is when it was last used, or written.
	Used time.Time
	// Bytes is what it takes.
	Bytes int64
}

// Bounds say what may stay.
type Bounds struct {
	// Since is the oldest use that keeps a thing. The zero time keeps things of any age.
	Since time.Time
	// Bytes is how much all things together may take.
	Bytes int64
}

// Oldest removes the things that were last used before keep.Since. Then, while the rest takes more than keep.Bytes, it
// removes those that were not used for the longest time. A single thing that takes more than keep.Bytes goes, too.
//
// remove removes one thing and says whether its bytes are free now. If they are not, because it is in use or because
// there was an error, others go in its place. An error keeps no other thing from being removed; all of them are
// returned, with the bytes that are left.
func Oldest(items []Item, keep Bounds, remove func(Item) (freed bool, err error)) (left int64, err error) {
	for _, item := range items {
		left += item.Bytes
	}
	for _, item := range slices.SortedFunc(slices.Values(items), compare) {
		if left <= keep.Bytes && !item.Used.Before(keep.Since) {
			break // all that follow were used later
		}
		freed, failed := remove(item)
		err = errors.Join(err, failed)
		if freed {
			left -= item.Bytes
		}
	}
	return left, err
}

// First returns the thing that Oldest would remove first; is is false if there is none.
func First(items []Item) (first Item, is bool) {
	if len(items) == 0 {
		return Item{}, false
	}
	return slices.MinFunc(items, compare), true
}

// compare orders things as they go.
func compare(a, b Item) int { return cmp.Or(a.Used.Compare(b.Used), strings.Compare(a.Name, b.Name)) }
