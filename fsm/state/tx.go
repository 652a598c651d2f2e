package state

import "time"

// Tx is a scratch copy of a view. It belongs to one goroutine.
type Tx struct {
	view *View
}

// View returns the scratch copy with all changes so far. Read it before the next change only; the view that Commit
// returns may be kept.
func (tx *Tx) View() *View { return tx.view }

// Commit ends the Tx and returns the new view.
func (tx *Tx) Commit() *View {
	view := tx.view
	tx.view = nil
	return view
}

// Advance moves the copy to the next record and forgets the outcomes that have expired by then.
func (tx *Tx) Advance(sequence uint64, now time.Time) {
	tx.view.Sequence = sequence
	tx.view.Time = now
	tx.expireRequests(now)
}

// Initialize gives the cluster its identity.
func (tx *Tx) Initialize(id, account, region string) {
	tx.view.ID = id
	tx.view.Account = account
	tx.view.Region = region
}
