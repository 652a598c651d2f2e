package state

import (
	"fmt"
	"iter"
	"time"
)

// AccessKey is a key of the HTTP API: whoever knows its secret may use the API. A revoked key has no row.
type AccessKey struct {
	ID        string
	User      string // whose it is; a user may have several
	Sealed    []byte // the secret, encrypted with a key that the state has not
	CreatedBy string
	Created   time.Time
}

// AccessKey returns the key with an id, or nil.
func (v *View) AccessKey(id string) *AccessKey { return v.accessKeys.get(id) }

// AccessKeys yields the keys after an id, by id.
func (v *View) AccessKeys(after string) iter.Seq[*AccessKey] { return v.accessKeys.after("", after) }

// CountAccessKeys returns how many keys there are.
func (v *View) CountAccessKeys() int { return v.accessKeys.rows.Len() }

// PutAccessKey adds or replaces a key.
func (tx *Tx) PutAccessKey(k AccessKey) { tx.view.accessKeys.put(k.ID, &k) }

// RemoveAccessKey removes a key.
func (tx *Tx) RemoveAccessKey(id string) { tx.view.accessKeys.remove(id) }

// checkAccessKeys holds that every key has an id, an owner and a secret.
func (v *View) checkAccessKeys() error {
	for k := range v.accessKeys.all() {
		if k.ID == "" || k.User == "" || len(k.Sealed) == 0 || v.accessKeys.get(k.ID) != k {
			return fmt.Errorf("access key %q of %q has a secret of %d bytes", k.ID, k.User, len(k.Sealed))
		}
	}
	return nil
}
