package state

import (
	"iter"
	"time"
)

// Request is the outcome of a write. It is kept so that a repetition of the write finds it.
type Request struct {
	Key         string // operation and request id
	Fingerprint []byte // SHA-256 of the request
	Resource    string // the id of what was created or changed
	Expires     time.Time
}

// Request returns the outcome that is kept under a key, or nil.
func (v *View) Request(key string) *Request { return v.requests.get(key) }

// PutRequest keeps an outcome until it expires.
func (tx *Tx) PutRequest(r Request) {
	if old := tx.view.requests.get(r.Key); old != nil {
		tx.view.requestsByExpiry.remove(key(part64(Nano(old.Expires)), old.Key))
	}
	tx.view.requests.put(r.Key, &r)
	tx.view.requestsByExpiry.put(key(part64(Nano(r.Expires)), r.Key), r.Key)
}

// expireRequests forgets the outcomes that have expired by the time of a record.
func (tx *Tx) expireRequests(now time.Time) {
	v := tx.view
	for {
		index, request, ok := v.requestsByExpiry.rows.Min()
		if !ok || index[:20] > part64(Nano(now)) {
			return
		}
		v.requestsByExpiry.remove(index)
		v.requests.remove(request)
	}
}

// Requests yields every outcome that is kept, by key.
func (v *View) Requests() iter.Seq[*Request] { return v.requests.all() }
