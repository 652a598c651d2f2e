package logging

import (
	"context"
	"log/slog"
	"slices"
)

// Key names an attribute that travels with the context.
type Key string

// The attributes that travel with the context.
const (
	RequestID Key = "request_id" // of a write
	Run       Key = "run"        // a job run's id
	Node      Key = "node"       // a node's name
	NodeID    Key = "node_id"    // of that node, in an agent's messages
	Worker    Key = "worker"     // a worker's id
)

type contextKey struct{}

// With returns a context whose messages carry the value under the key, instead of an earlier one. An empty value
// changes nothing.
func With(ctx context.Context, key Key, value string) context.Context {
	if value == "" {
		return ctx
	}
	kept := slices.DeleteFunc(slices.Clone(attributesOf(ctx)), func(a slog.Attr) bool { return a.Key == string(key) })
	return context.WithValue(ctx, contextKey{}, append(kept, slog.String(string(key), value)))
}

// attributesOf returns what With has put into a context, the oldest first. Nobody changes it.
func attributesOf(ctx context.Context) []slog.Attr {
	attributes, _ := ctx.Value(contextKey{}).([]slog.Attr)
	return attributes
}
