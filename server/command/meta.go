package command

import (
	"time"

	"github.com/headrace/headrace/internal/ident"
)

// Meta is what a decision may know besides the state. The door makes it, once per record.
type Meta struct {
	Now    time.Time    // the record's time: never before the time of the record before
	Term   uint64       // the Raft term of the deciding leader
	IDs    ident.Source // makes the ids of what a decision creates; not to be kept
	Limits Limits       // this cluster's configuration
}
