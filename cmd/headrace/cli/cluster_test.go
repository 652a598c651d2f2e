package cli

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// A server is removed after a question, or without one if that is said; nobody is asked without a terminal.
func TestC5_RemoveServerAsks(t *testing.T) {
	for name, c := range map[string]struct {
		args    []string
		types   string // on a terminal; empty: there is none
		removed bool
		force   bool
	}{
		"yes":               {nil, "y\n", true, false},
		"no":                {nil, "n\n", false, false},
		"nobody":            {nil, "", false, false},
		"without":           {[]string{"--yes"}, "", true, false},
		"without, by force": {[]string{"--yes", "--force"}, "", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			server := answers(map[string]proto.Message{"RemoveServer": &controlv1.RemoveServerResponse{}})
			r := &ran{}
			env := testEnv(r, server.Start(t))
			env.Asks = c.types != ""
			env.In = strings.NewReader(c.types)
			runIn(t.Context(), r, env, append([]string{"cluster", "remove-server", "server-2"}, c.args...)...)
			if (r.failed == nil) != c.removed || (len(server.Calls()) == 1) != c.removed {
				t.Fatalf("%v, calls %v", r.failed, server.Calls())
			}
			if c.removed {
				same(t, server.Calls()[0].Request,
					&controlv1.RemoveServerRequest{ServerId: "server-2", Force: c.force})
			}
		})
	}
}

// As JSON the answer says which server was removed, whatever version answers.
func TestC5_RemoveServerSaysWhatWasRemovedAsJSON(t *testing.T) {
	for _, answer := range []*controlv1.RemoveServerResponse{{}, {ServerId: "server-2"}} {
		server := answers(map[string]proto.Message{"RemoveServer": answer})
		r := command(t.Context(), server.Start(t), "cluster", "remove-server", "server-2", "--yes", "-o", "json")
		if r.failed != nil || strings.Join(strings.Fields(r.out.String()), "") != `{"server_id":"server-2"}` {
			t.Errorf("%v: %q", r.failed, r.out.String())
		}
	}
}

// A name that no server has is refused with what to do.
func TestC5_RemoveServerOfNobody(t *testing.T) {
	server := &clusterfake.Server{Answer: func(clusterfake.Call) (proto.Message, error) {
		return nil, errs.New(errs.NotFound, `there is no server "x": the servers are a, b`)
	}}
	r := command(t.Context(), server.Start(t), "cluster", "remove-server", "x", "--yes")
	if r.failed == nil || !strings.Contains(r.failed.Error(), "cluster status") || ExitCode(r.failed) != ExitRefused {
		t.Errorf("%v", r.failed)
	}
}
