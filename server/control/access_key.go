package control

import (
	"cmp"
	"context"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/accesskey"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/control/message"
	"github.com/headrace/headrace/server/control/paging"
	"github.com/headrace/headrace/server/control/routing"
)

// accessKeys implements AccessKeyService.
type accessKeys struct {
	controlv1.UnimplementedAccessKeyServiceServer
	*Control
}

// CreateAccessKey makes a key on the leader. Only the answer has its secret; the log has it sealed. Every try makes
// another key, and the decision revokes the key of an earlier try.
func (a *accessKeys) CreateAccessKey(
	ctx context.Context,
	r *controlv1.CreateAccessKeyRequest,
) (*controlv1.CreateAccessKeyResponse, error) {
	user := cmp.Or(r.GetUser(), command.DefaultUser)
	if err := command.CheckUser("user", user); err != nil {
		return nil, err
	}
	request, err := routing.RequestOf(ctx, "CreateAccessKey", "", r)
	if err != nil {
		return nil, err
	}
	made := accesskey.Make()
	create := &command.CreateAccessKey{
		Request:   request,
		ID:        made.ID,
		Sealed:    a.cfg.Seal.Close(made),
		User:      user,
		CreatedBy: caller.Of(ctx).User,
	}
	view, record, err := a.execute(ctx, create.Decide)
	if err != nil {
		return nil, err
	}
	row := view.AccessKey(made.ID)
	if row == nil {
		return nil, errs.New(
			errs.Refused,
			"access key %s was revoked as soon as it was made; create another one",
			made.ID,
		)
	}
	return &controlv1.CreateAccessKeyResponse{
		AccessKey:       accessKey(row),
		SecretAccessKey: made.Secret,
		Record:          record,
	}, nil
}

// ListAccessKeys returns keys by id.
func (a *accessKeys) ListAccessKeys(
	ctx context.Context,
	r *controlv1.ListAccessKeysRequest,
) (*controlv1.ListAccessKeysResponse, error) {
	page, err := paging.Asked(r, 1000)
	if err != nil {
		return nil, err
	}
	view, err := a.router.Read(ctx, r.GetStale())
	if err != nil {
		return nil, err
	}
	rows, next := paging.Cut(
		page,
		view.AccessKeys(page.After),
		func(row *state.AccessKey) bool {
			return (r.GetUser() == "" || row.User == r.GetUser()) && strings.HasPrefix(row.ID, r.GetIdPrefix())
		},
		func(row *state.AccessKey) string { return row.ID },
		accessKey,
	)
	return &controlv1.ListAccessKeysResponse{AccessKeys: rows, NextToken: next, Record: view.Sequence}, nil
}

// RevokeAccessKey ends a key.
func (a *accessKeys) RevokeAccessKey(
	ctx context.Context,
	r *controlv1.RevokeAccessKeyRequest,
) (*controlv1.RevokeAccessKeyResponse, error) {
	request, err := routing.RequestOf(ctx, "RevokeAccessKey", "", r)
	if err != nil {
		return nil, err
	}
	revoke := &command.RevokeAccessKey{
		Request:   request,
		ID:        r.GetAccessKeyId(),
		RevokedBy: caller.Of(ctx).User,
	}
	_, record, err := a.execute(ctx, revoke.Decide)
	return &controlv1.RevokeAccessKeyResponse{Record: record}, err
}

// accessKey is all of a row but its secret.
func accessKey(k *state.AccessKey) *controlv1.AccessKey {
	return &controlv1.AccessKey{
		AccessKeyId: k.ID,
		User:        k.User,
		CreatedBy:   k.CreatedBy,
		CreatedAt:   message.Time(k.Created),
	}
}
