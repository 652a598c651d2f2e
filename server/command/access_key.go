package command

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// DefaultUser is the user of an access key if the request names none.
const DefaultUser = "default"

// CreateAccessKey adds an access key whose id and sealed secret were made before, as decisions draw no random numbers.
type CreateAccessKey struct {
	Request   Request
	ID        string
	Sealed    []byte
	User      string
	CreatedBy string
}

// Decide adds the key. If the request is a repetition, its first answer never arrived: nobody knows the secret of the
// key that it made, and the secret cannot be shown again. So that key is revoked, and this one replaces it.
func (c *CreateAccessKey) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	first, repeated, err := c.Request.repeated(view)
	if err != nil {
		return nil, err
	}
	if err := CheckUser("user", c.User); err != nil {
		return nil, err
	}
	d := draft(view, meta)
	if repeated && view.AccessKey(first) != nil {
		d.Add(&eventv1.AccessKeyRevoked{AccessKeyId: first, RevokedBy: c.CreatedBy})
	}
	if n := d.View().CountAccessKeys(); n >= meta.Limits.AccessKeys {
		return nil, errs.New(errs.TooLarge,
			"cannot create an access key: there are %d, and the most is %d; revoke some first",
			n, meta.Limits.AccessKeys)
	}
	d.Add(&eventv1.AccessKeyCreated{
		AccessKeyId:  c.ID,
		User:         c.User,
		SealedSecret: c.Sealed,
		CreatedBy:    c.CreatedBy,
	})
	c.Request.complete(d, meta.Limits, c.ID)
	return d.Events(), nil
}

// RevokeAccessKey ends an access key.
type RevokeAccessKey struct {
	Request   Request
	ID        string
	RevokedBy string
}

// Decide removes the key; a repetition changes nothing.
func (c *RevokeAccessKey) Decide(view *state.View, meta Meta) ([]*eventv1.Event, error) {
	if _, repeated, err := c.Request.repeated(view); repeated || err != nil {
		return nil, err
	}
	if view.AccessKey(c.ID) == nil {
		return nil, errs.New(errs.NotFound, "there is no access key %.80q; it may have been revoked before", c.ID)
	}
	d := draft(view, meta)
	d.Add(&eventv1.AccessKeyRevoked{AccessKeyId: c.ID, RevokedBy: c.RevokedBy})
	c.Request.complete(d, meta.Limits, c.ID)
	return d.Events(), nil
}

// CheckUser checks the name of a key's user. It needs no state.
func CheckUser(field, user string) error {
	if problem := ident.UserProblem(user); problem != "" {
		return errs.Field(field, "%s", problem)
	}
	return nil
}
