package routing

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"strings"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/command"
)

// RequestIDKey is the metadata with which a request carries its id, made by the client or by the first server.
const RequestIDKey = "headrace-request-id"

// checkToken holds that a text has the shape of a request id or a client token.
func checkToken(field, text string) error {
	if !ident.ValidToken(text) {
		return errs.Field(field, "%q is not %s", text, ident.TokenRule)
	}
	return nil
}

// requestIDOf returns the id that a request carries; empty: it has none.
func requestIDOf(ctx context.Context) string {
	md, _ := metadata.FromIncomingContext(ctx)
	if ids := md.Get(RequestIDKey); len(ids) > 0 {
		return ids[0]
	}
	return ""
}

// withRequestID returns a context whose request has an id, made here if the client sent none.
func withRequestID(ctx context.Context) (context.Context, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	if ids := md.Get(RequestIDKey); len(ids) > 0 {
		return ctx, checkToken(RequestIDKey, ids[0])
	}
	md = md.Copy()
	md.Set(RequestIDKey, strings.ToLower(rand.Text()))
	return metadata.NewIncomingContext(ctx, md), nil
}

// RequestOf identifies a write of a caller: by its client token if it has one, else by its request id.
func RequestOf(ctx context.Context, operation, token string, message proto.Message) (command.Request, error) {
	fingerprint, err := fingerprintOf(message)
	if err != nil {
		return command.Request{}, err
	}
	request := command.Request{
		Operation:   operation,
		By:          caller.Of(ctx).User,
		ID:          requestIDOf(ctx),
		Fingerprint: fingerprint,
	}
	if token == "" {
		return request, nil
	}
	if err := checkToken("client_token", token); err != nil {
		return command.Request{}, err
	}
	request.ID = token
	request.Token = true
	return request, nil
}

func fingerprintOf(message proto.Message) ([]byte, error) {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		return nil, errs.New(errs.Internal, "cannot encode a request: %w", err)
	}
	sum := sha256.Sum256(encoded)
	return sum[:], nil
}
