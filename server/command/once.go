package command

import (
	"bytes"
	"time"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// Request identifies a write, so that its repetition changes nothing.
type Request struct {
	Operation   string // such as StartJobRun
	By          string // who asks; what others call their requests is nothing to it
	Scope       string // the application within which ID counts; empty: the cluster
	ID          string // the client's token, or an id made by the first server that saw the request
	Token       bool   // ID is a client token, which is kept longer
	Fingerprint []byte // SHA-256 of what is asked for
}

// key has every part at its own position, and no part has a slash, so no two requests have the same key.
func (r Request) key() string {
	return r.Operation + "/" + r.Scope + "/" + r.ID + "/" + r.By
}

// repeated returns the resource that the first request with this id made, if there was one. If the same id comes with
// another request, that is a conflict.
func (r Request) repeated(view *state.View) (resource string, done bool, err error) {
	first := view.Request(r.key())
	if first == nil || r.ID == "" {
		return "", false, nil
	}
	if !bytes.Equal(first.Fingerprint, r.Fingerprint) {
		return "", false, errs.New(errs.Conflict,
			"cannot use the request id or client token %q: it was used for another %s, which made %s",
			r.ID, r.Operation, first.Resource)
	}
	return first.Resource, true, nil
}

// Repeats says whether this request was made before, whatever became of it: there is nothing to prepare for it.
func (r Request) Repeats(view *state.View) bool { return r.ID != "" && view.Request(r.key()) != nil }

// complete keeps the outcome for repetitions.
func (r Request) complete(d *fsm.Draft, limits Limits, resource string) {
	if r.ID == "" {
		return
	}
	d.Add(&eventv1.RequestCompleted{
		Key:             r.key(),
		Fingerprint:     r.Fingerprint,
		ResourceId:      resource,
		ExpiresUnixNano: state.Nano(d.Now().Add(r.kept(limits))),
	})
}

func (r Request) kept(limits Limits) time.Duration {
	if r.Token {
		return limits.TokenTime
	}
	return limits.RequestTime
}
