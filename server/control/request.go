package control

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"regexp"
	"strings"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/command"
)

// requestIDKey is the metadata with which a request carries its id, made by the client or by the first server.
const requestIDKey = "headrace-request-id"

var tokenPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// withRequestID returns a context whose request has an id, made here when the client sent none.
func withRequestID(ctx context.Context) (context.Context, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	if ids := md.Get(requestIDKey); len(ids) > 0 {
		if !tokenPattern.MatchString(ids[0]) {
			return nil, errs.Field(requestIDKey, "%q is not 1 to 64 letters, digits, dots, dashes and underscores", ids[0])
		}
		return ctx, nil
	}
	md = md.Copy()
	md.Set(requestIDKey, strings.ToLower(rand.Text()))
	return metadata.NewIncomingContext(ctx, md), nil
}

// request identifies a write of a caller: by its client token if it has one, else by its request id.
func request(ctx context.Context, operation, token string, message proto.Message) (command.Request, error) {
	fingerprint, err := fingerprintOf(message)
	if err != nil {
		return command.Request{}, err
	}
	by := caller.Of(ctx).User
	if token != "" {
		if !tokenPattern.MatchString(token) {
			return command.Request{}, errs.Field("client_token", "%q is not 1 to 64 letters, digits, dots, dashes and underscores", token)
		}
		return command.Request{Operation: operation, By: by, ID: token, Token: true, Fingerprint: fingerprint}, nil
	}
	md, _ := metadata.FromIncomingContext(ctx)
	id := ""
	if ids := md.Get(requestIDKey); len(ids) > 0 {
		id = ids[0]
	}
	return command.Request{Operation: operation, By: by, ID: id, Fingerprint: fingerprint}, nil
}

func fingerprintOf(message proto.Message) ([]byte, error) {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		return nil, errs.New(errs.Internal, "cannot encode a request: %w", err)
	}
	sum := sha256.Sum256(encoded)
	return sum[:], nil
}
