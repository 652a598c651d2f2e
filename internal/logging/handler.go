package logging

import (
	"context"
	"io"
	"log/slog"
	"maps"
)

// The formats of a log.
const (
	Text = "text" // key=value, for people
	JSON = "json" // an object a line, for programs
)

// New returns a logger that writes messages of at least that level, with the attributes of their context. A format
// other than JSON means Text.
func New(w io.Writer, format string, least slog.Leveler) *slog.Logger {
	options := &slog.HandlerOptions{Level: least}
	if format == JSON {
		return slog.New(Handler(slog.NewJSONHandler(w, options)))
	}
	return slog.New(Handler(slog.NewTextHandler(w, options)))
}

// Handler returns a handler that adds the attributes of the context to each message, and has inner write it.
func Handler(inner slog.Handler) slog.Handler { return &handler{Handler: inner} }

type handler struct {
	slog.Handler
	said map[string]bool // keys that the logger itself has: the context does not repeat them
}

// Handle writes a message with the attributes of its context that it does not have itself.
func (h *handler) Handle(ctx context.Context, message slog.Record) error {
	attributes := attributesOf(ctx)
	if len(attributes) == 0 {
		return h.Handler.Handle(ctx, message)
	}
	said := h.said
	if message.NumAttrs() > 0 {
		said = maps.Clone(said)
	}
	message.Attrs(func(a slog.Attr) bool {
		said = note(said, a.Key)
		return true
	})
	message = message.Clone()
	for _, a := range attributes {
		if !said[a.Key] {
			message.AddAttrs(a)
		}
	}
	return h.Handler.Handle(ctx, message)
}

// WithAttrs returns the handler of a logger that has these attributes.
func (h *handler) WithAttrs(attributes []slog.Attr) slog.Handler {
	said := maps.Clone(h.said)
	for _, a := range attributes {
		said = note(said, a.Key)
	}
	return &handler{Handler: h.Handler.WithAttrs(attributes), said: said}
}

// WithGroup returns the handler of a logger whose attributes are in a group, those of the context among them.
func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{Handler: h.Handler.WithGroup(name)}
}

// note adds a key to a set that may be nil.
func note(set map[string]bool, key string) map[string]bool {
	if set == nil {
		set = map[string]bool{}
	}
	set[key] = true
	return set
}
