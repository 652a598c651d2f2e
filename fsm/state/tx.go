package state

import "time"

// Tx is a scratch copy of a view. It belongs to one goroutine.
type Tx struct {
	view *View
}

// View returns the scratch copy with all changes so far. It is only to be read before the next change; what Commit returns may
// be kept.
func (tx *Tx) View() *View { return tx.view }

// Commit ends the Tx and returns the new view.
func (tx *Tx) Commit() *View {
	view := tx.view
	tx.view = nil
	return view
}

// Advance moves the copy to the next record and forgets the outcomes that have expired by then.
func (tx *Tx) Advance(sequence uint64, now time.Time) {
	tx.view.Sequence, tx.view.Time = sequence, now
	tx.expireRequests(now)
}

// Initialize gives the cluster its identity.
func (tx *Tx) Initialize(id, account, region string) {
	tx.view.ID, tx.view.Account, tx.view.Region = id, account, region
}
