package control

import (
	"cmp"
	"context"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/accesskey"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/command"
)

// accessKeys implements AccessKeyService.
type accessKeys struct {
	controlv1.UnimplementedAccessKeyServiceServer
	*Control
}

// CreateAccessKey makes a key on the leader. Only the answer has its secret; the log has it sealed. Every try makes another one, and
// the decision revokes that of an earlier try.
func (a *accessKeys) CreateAccessKey(ctx context.Context, r *controlv1.CreateAccessKeyRequest) (*controlv1.CreateAccessKeyResponse, error) {
	user := cmp.Or(r.GetUser(), command.DefaultUser)
	if err := command.CheckUser("user", user); err != nil {
		return nil, err
	}
	request, err := request(ctx, "CreateAccessKey", "", r)
	if err != nil {
		return nil, err
	}
	made := accesskey.Make()
	view, record, err := a.execute(ctx, (&command.CreateAccessKey{Request: request, ID: made.ID, Sealed: a.cfg.Seal.Close(made), User: user,
		CreatedBy: caller.Of(ctx).User}).Decide)
	if err != nil {
		return nil, err
	}
	row := view.AccessKey(made.ID)
	if row == nil {
		return nil, errs.New(errs.Refused, "access key %s was revoked as soon as it was made; create another one", made.ID)
	}
	return &controlv1.CreateAccessKeyResponse{AccessKey: accessKey(row), SecretAccessKey: made.Secret, Record: record}, nil
}

// ListAccessKeys returns keys by id.
func (a *accessKeys) ListAccessKeys(ctx context.Context, r *controlv1.ListAccessKeysRequest) (*controlv1.ListAccessKeysResponse, error) {
	most, err := limit(r.GetMaxResults(), 1000)
	if err != nil {
		return nil, err
	}
	after, err := pageAfter(r.GetNextToken())
	if err != nil {
		return nil, err
	}
	view, err := a.read(ctx, r.GetStale())
	if err != nil {
		return nil, err
	}
	rows, next := page(view.AccessKeys(after), most,
		func(row *state.AccessKey) bool { return r.GetUser() == "" || row.User == r.GetUser() },
		func(row *state.AccessKey) string { return row.ID }, accessKey)
	return &controlv1.ListAccessKeysResponse{AccessKeys: rows, NextToken: next, Record: view.Sequence}, nil
}

// RevokeAccessKey ends a key.
func (a *accessKeys) RevokeAccessKey(ctx context.Context, r *controlv1.RevokeAccessKeyRequest) (*controlv1.RevokeAccessKeyResponse, error) {
	request, err := request(ctx, "RevokeAccessKey", "", r)
	if err != nil {
		return nil, err
	}
	_, record, err := a.execute(ctx, (&command.RevokeAccessKey{Request: request, ID: r.GetAccessKeyId(), RevokedBy: caller.Of(ctx).User}).Decide)
	return &controlv1.RevokeAccessKeyResponse{Record: record}, err
}

// accessKey is all of a row but its secret.
func accessKey(k *state.AccessKey) *controlv1.AccessKey {
	return &controlv1.AccessKey{AccessKeyId: k.ID, User: k.User, CreatedBy: k.CreatedBy, CreatedAt: timestamp(k.Created)}
}
