package logging

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
)

func TestNew_MessagesCarryWhatTheirContextSays(t *testing.T) {
	ctx := With(With(t.Context(), Run, "r1"), Node, "n1")
	info := func(attributes ...any) func(context.Context, *slog.Logger) {
		return func(ctx context.Context, log *slog.Logger) { log.InfoContext(ctx, "m", attributes...) }
	}
	for _, c := range []struct {
		name string
		ctx  context.Context
		log  func(ctx context.Context, log *slog.Logger)
		want string
	}{
		{"nothing", t.Context(), info("a", 1), "msg=m a=1"},
		{"both", ctx, info("a", 1), "msg=m a=1 run=r1 node=n1"},
		{"a newer value", With(ctx, Run, "r2"), info(), "msg=m node=n1 run=r2"},
		{"no newer value", With(ctx, Run, ""), info(), "msg=m run=r1 node=n1"},
		{"the message's own", ctx, info("run", "r3"), "msg=m run=r3 node=n1"},
		{"the logger's own", ctx, func(ctx context.Context, log *slog.Logger) {
			info("a", 1)(ctx, log.With("node", "n2"))
		}, "msg=m node=n2 a=1 run=r1"},
		{"in a group", ctx, func(ctx context.Context, log *slog.Logger) {
			info()(ctx, log.WithGroup("g"))
		}, "msg=m g.run=r1 g.node=n1"},
		{"below the level", ctx, func(ctx context.Context, log *slog.Logger) { log.DebugContext(ctx, "m") }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			c.log(c.ctx, New(&out, Text, slog.LevelInfo))
			_, got, _ := strings.Cut(strings.TrimSpace(out.String()), "level=INFO ")
			if got != c.want {
				t.Errorf("logged %q, want %q", got, c.want)
			}
		})
	}
}

// Two contexts that are made from one share nothing.
func TestWith_ChangesNoOtherContext(t *testing.T) {
	base := With(t.Context(), RequestID, "q")
	one, other := With(base, Run, "r1"), With(base, Run, "r2")
	for ctx, want := range map[context.Context]string{base: "q", one: "q r1", other: "q r2"} {
		var values []string
		for _, a := range attributesOf(ctx) {
			values = append(values, a.Value.String())
		}
		if got := strings.Join(values, " "); got != want {
			t.Errorf("a context has %q, want %q", got, want)
		}
	}
}

func TestNew_JSON(t *testing.T) {
	var out bytes.Buffer
	New(&out, JSON, slog.LevelInfo).InfoContext(With(t.Context(), Worker, "w1"), "m")
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line["msg"] != "m" || line["worker"] != "w1" {
		t.Errorf("logged %v", line)
	}
}
