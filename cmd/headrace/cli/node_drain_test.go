package cli

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// draining is a cluster whose node has so many workers left at each look, and is drained at the end.
func draining(left ...int) *clusterfake.Server {
	return &clusterfake.Server{Answer: func(c clusterfake.Call) (proto.Message, error) {
		if _, is := c.Request.(*controlv1.GetNodeRequest); !is {
			return &controlv1.DrainNodeResponse{Node: aDrainingNode()}, nil
		}
		answer := &controlv1.GetNodeResponse{Node: aDrainingNode()}
		if len(left) == 0 {
			answer.Node.Service = "DRAINED"
			return answer, nil
		}
		for i := range left[0] {
			answer.Workers = append(answer.Workers, &controlv1.Worker{Number: uint32(i)})
		}
		left = left[1:]
		return answer, nil
	}}
}

func TestNodeDrain_ShowsWhatIsLeftUntilItIsEmpty(t *testing.T) {
	r := command(t.Context(), draining(3, 3, 1).Start(t), "node", "drain", "zone-a-1", "--deadline", "10m")
	if r.failed != nil {
		t.Fatal(r.failed)
	}
	for _, want := range []string{"drivers 1, other workers 2, slots 3 left", "drivers 1, other workers 0, slots 3 left"} {
		if strings.Count(r.err.String(), want) != 1 {
			t.Errorf("it does not show once %q: %s", want, r.err.String())
		}
	}
	if got := r.out.String(); got != "node zone-a-1 is DRAINED\n" {
		t.Errorf("it says %q", got)
	}
}

func TestNodeDrain_InterruptedSaysThatTheDrainGoesOn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := &ran{}
	env := testEnv(r, draining(1, 1, 1, 1, 1, 1, 1, 1).Start(t))
	env.Err = &interrupter{to: &r.err, at: "other workers 0", interrupt: cancel}
	runIn(ctx, r, env, "node", "drain", "zone-a-1")
	if ExitCode(r.failed) != ExitInterrupted || !strings.Contains(r.err.String(), "the drain of node zone-a-1 goes on") {
		t.Errorf("it ends with %v and says %q", r.failed, r.err.String())
	}
}

func TestNodeDrain_RefusesAnotherWayWithDrivers(t *testing.T) {
	r := command(t.Context(), draining().Start(t), "node", "drain", "zone-a-1", "--drivers", "kill")
	if r.failed == nil || !strings.Contains(r.failed.Error(), "--drivers") {
		t.Errorf("it ends with %v", r.failed)
	}
}

// A machine is switched off after this command: it must not seem empty since somebody else ended the drain.
func TestNodeDrain_FailsIfTheDrainEndsOtherwise(t *testing.T) {
	server := &clusterfake.Server{Answer: func(c clusterfake.Call) (proto.Message, error) {
		if _, is := c.Request.(*controlv1.GetNodeRequest); !is {
			return &controlv1.DrainNodeResponse{Node: aDrainingNode()}, nil
		}
		answer := &controlv1.GetNodeResponse{Node: aDrainingNode()}
		answer.Node.Service = "CORDONED"
		return answer, nil
	}}
	r := command(t.Context(), server.Start(t), "node", "drain", "zone-a-1")
	if r.failed == nil || !strings.Contains(r.failed.Error(), "is CORDONED, not DRAINED") {
		t.Errorf("it ends with %v", r.failed)
	}
}

func TestNodeDrain_RefusesWhatItCannotHonour(t *testing.T) {
	for _, flags := range [][]string{
		{"--deadline", "500ms"},
		{"--deadline", "-500ms"},
		{"--cancel", "--deadline", "1h"},
		{"--cancel", "--reason", "done"},
	} {
		r := command(t.Context(), draining().Start(t), append([]string{"node", "drain", "zone-a-1"}, flags...)...)
		if r.failed == nil || !strings.Contains(r.failed.Error(), strings.TrimLeft(flags[len(flags)-2], "-")) {
			t.Errorf("with %v it ends with %v", flags, r.failed)
		}
	}
}
