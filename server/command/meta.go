package command

import (
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/event"
	"github.com/headrace/headrace/internal/ident"
)

// Meta is what a decision may know besides the state. The door makes it, once per record.
type Meta struct {
	Now    time.Time    // the record's time: never before the time of the record before
	Term   uint64       // the Raft term of the deciding leader
	IDs    ident.Source // makes the ids of what a decision creates; not to be kept
	Limits Limits       // this cluster's configuration

	LogVersion uint32 // the log version that all servers know
}

// writes says whether all servers know the kind of a fact. Where a decision can do without a fact, it asks before it
// adds it: a record with one that some server does not know is refused as a whole.
func (m Meta) writes(fact proto.Message) bool {
	return event.Of(event.Wrap(fact)).Since <= m.LogVersion
}
