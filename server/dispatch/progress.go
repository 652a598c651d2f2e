package dispatch

import (
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// The bounds of what a node says that it does. An honest agent keeps them.
const (
	maxCopies         = 64
	maxDriverProgress = 1024
)

// takeProgress keeps what the node says that it does, for people, until it says something else or the session ends.
// Nobody decides by it, so it is not in the log, and a new leader is told it anew.
func (s *session) takeProgress(said *agentv1.Progress) error {
	if len(said.GetCopies()) > maxCopies || len(said.GetDrivers()) > maxDriverProgress {
		return errs.New(errs.TooLarge,
			"cannot take the progress of %d copies and %d drivers: the limits are %d and %d",
			len(said.GetCopies()), len(said.GetDrivers()), maxCopies, maxDriverProgress)
	}
	s.progress.Store(said)
	return nil
}

// Progress returns what a node says that it does; nil if it says nothing, or this server does not lead. Nobody may
// change it. What it says of a driver or of a release counts if they are on that node.
func (d *Dispatch) Progress(node string) *agentv1.Progress {
	if s := d.session(node); s != nil {
		return s.progress.Load()
	}
	return nil
}
