package cli

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	"github.com/headrace/headrace/internal/errs"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew; read the difference")

// now is when all tests take place.
var now = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

func ago(d time.Duration) *timestamppb.Timestamp { return timestamppb.New(now.Add(-d)) }

// ran is what a command did.
type ran struct {
	out, err bytes.Buffer
	failed   error
}

// command runs a command against a server, without a terminal.
func command(ctx context.Context, server string, args ...string) *ran {
	r := &ran{}
	runIn(ctx, r, testEnv(r, server), args...)
	return r
}

func testEnv(r *ran, server string) Env {
	return Env{
		In: strings.NewReader(""), Out: &r.out, Err: &r.err, Now: func() time.Time { return now },
		Lookup: func(name string) (string, bool) { return server, name == "HEADRACE_SERVER" },
	}
}

func runIn(ctx context.Context, r *ran, env Env, args ...string) {
	root := &cobra.Command{Use: "headrace", SilenceErrors: true, SilenceUsage: true}
	root.SetFlagErrorFunc(WrongFlag)
	root.AddCommand(Commands(env)...)
	root.SetArgs(args)
	root.SetOut(&r.out)
	root.SetErr(&r.err)
	r.failed = root.ExecuteContext(ctx)
}

// answers returns a server that has one answer for each method.
func answers(by map[string]proto.Message) *clusterfake.Server {
	return &clusterfake.Server{Answer: func(c clusterfake.Call) (proto.Message, error) {
		if answer, found := by[c.Method]; found {
			return answer, nil
		}
		return nil, errs.New(errs.NotFound, "the test has no answer for %s", c.Method)
	}}
}

// golden compares with testdata, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *rewrite {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}

func contextOf(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(t.Context())
}
