package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/every"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// drainEvery is how often a command that waits for a drain looks what is left.
const drainEvery = time.Second

// drain is what the flags of a drain say.
type drain struct {
	reason   string
	deadline time.Duration
	drivers  string
	cancel   bool
	wait     bool
}

func drainNode(s *shared) *cobra.Command {
	d := &drain{}
	c := &cobra.Command{
		Use:   "drain NODE",
		Short: "Empty a node: what runs on it leaves, or is stopped at the deadline",
		Args:  Takes("NODE"),
		Long: "Empty a node, by id or name. It is given nothing new. Spark executors are asked to leave, with their\n" +
			"shuffle and cached blocks where Spark can; drivers and tasks are waited for, and what is left at the\n" +
			"deadline is stopped. Attempts that end by it do not count for their runs' retry policies.\n\n" +
			"The command shows what is left until the node is empty. Ctrl-C ends the command, not the drain.\n" +
			"Afterwards the node is cordoned: headrace node uncordon NODE gives it work again.",
		RunE: s.with("drain node", func(c *cobra.Command, cl *client.Client, args []string) error {
			if d.cancel {
				return s.cancelDrain(c.Context(), cl, args[0])
			}
			return s.drain(c.Context(), cl, args[0], d)
		}),
	}
	addReason(c, &d.reason)
	c.Flags().DurationVar(&d.deadline, "deadline", time.Hour,
		"stop what is left after this time; 0: at once; at most 720h")
	c.Flags().StringVar(&d.drivers, "drivers", "wait", "what happens to drivers and tasks before that: wait, or stop")
	c.Flags().BoolVar(&d.cancel, "cancel", false, "end the drain that goes on; the node stays cordoned")
	c.Flags().BoolVar(&d.wait, "wait", true, "show what is left until the node is empty")
	for _, flag := range []string{"reason", "deadline", "drivers", "wait"} {
		c.MarkFlagsMutuallyExclusive("cancel", flag)
	}
	return c
}

func (s *shared) cancelDrain(ctx context.Context, cl *client.Client, node string) error {
	answer, err := nodes(cl).CancelDrain(ctx, &controlv1.CancelDrainRequest{NodeId: node})
	if err != nil {
		return failNode("cancel drain", err)
	}
	return s.print(answer, func() error { return sayService(s, node, answer.GetNode()) })
}

// drain begins a drain and, unless told otherwise, waits until it is through.
func (s *shared) drain(ctx context.Context, cl *client.Client, node string, d *drain) error {
	const doing = "drain node"
	if err := d.check(); err != nil {
		return fail(doing, err)
	}
	answer, err := nodes(cl).DrainNode(ctx, &controlv1.DrainNodeRequest{
		NodeId:          node,
		Reason:          d.reason,
		DeadlineSeconds: int64(d.deadline / time.Second),
		StopDrivers:     d.drivers == "stop",
	})
	if err != nil {
		return failNode(doing, err)
	}
	if !d.wait {
		return s.print(answer, func() error { return sayService(s, node, answer.GetNode()) })
	}
	drained, err := s.waitDrained(ctx, cl, node)
	s.tellInterrupted(ctx,
		"the drain of node %s goes on; headrace node get %s shows what is left, headrace node drain --cancel %s ends it",
		node, node, node)
	if err != nil {
		return failNode(doing, err)
	}
	if err := s.print(drained, func() error { return sayService(s, node, drained.GetNode()) }); err != nil {
		return err
	}
	return isDrained(doing, node, drained.GetNode().GetService())
}

// check holds that the servers can be told what the flags say: they count seconds.
func (d *drain) check() error {
	if d.drivers != "wait" && d.drivers != "stop" {
		return errs.New(errs.Invalid, "--drivers is wait or stop, not %q", d.drivers)
	}
	if d.deadline%time.Second != 0 {
		return errs.New(errs.Invalid, "--deadline is a number of whole seconds, not %s", d.deadline)
	}
	return nil
}

// isDrained holds that a node is empty of which the wait is over: a script may switch its machine off next.
func isDrained(doing, node, service string) error {
	if service == "DRAINED" {
		return nil
	}
	return fail(doing, errs.New(errs.WrongState,
		"node %s drains no more, and is %s, not DRAINED: somebody ended its drain, or it came back with another id",
		node, service))
}

// waitDrained shows what is left on a node that drains, each time that it changes, until it drains no more.
func (s *shared) waitDrained(
	ctx context.Context, cl *client.Client, node string,
) (*controlv1.GetNodeResponse, error) {
	shown := ""
	for {
		answer, err := nodes(cl).GetNode(ctx, &controlv1.GetNodeRequest{NodeId: node})
		if err != nil || answer.GetNode().GetService() != "DRAINING" {
			return answer, err
		}
		if left := leftOn(answer); left != shown {
			shown = left
			_ = output.Line(s.Err, "%s  DRAINING  %s", output.ClockOf(s.Now()), left)
		}
		if !every.Pause(ctx, drainEvery) {
			return nil, ctx.Err()
		}
	}
}

// leftOn says what is left on a node, by the types of workers, and whether it can leave.
func leftOn(answer *controlv1.GetNodeResponse) string {
	drivers := 0
	for _, w := range answer.GetWorkers() {
		if w.GetNumber() == 0 {
			drivers++
		}
	}
	left := fmt.Sprintf("drivers %d, other workers %d, slots %d left",
		drivers, len(answer.GetWorkers())-drivers, answer.GetNode().GetSlots())
	if state := answer.GetNode().GetState(); state != "READY" {
		left += "; the node is " + state + ", so that they cannot be told to leave"
	}
	return left
}
