package cli

import (
	"cmp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func cordonNode(s *shared) *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "cordon NODE",
		Short: "Give a node nothing new; what runs on it goes on",
		Args:  Takes("NODE"),
		RunE: s.with("cordon node", func(c *cobra.Command, cl *client.Client, args []string) error {
			request := &controlv1.CordonNodeRequest{NodeId: args[0], Reason: reason}
			answer, err := nodes(cl).CordonNode(c.Context(), request)
			if err != nil {
				return failNode("cordon node", err)
			}
			return s.print(answer, func() error { return sayService(s, args[0], answer.GetNode()) })
		}),
	}
	addReason(c, &reason)
	return c
}

func uncordonNode(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:   "uncordon NODE",
		Short: "Give a node work again that was cordoned, drained or set aside",
		Args:  Takes("NODE"),
		RunE: s.with("uncordon node", func(c *cobra.Command, cl *client.Client, args []string) error {
			answer, err := nodes(cl).UncordonNode(c.Context(), &controlv1.UncordonNodeRequest{NodeId: args[0]})
			if err != nil {
				return failNode("uncordon node", err)
			}
			return s.print(answer, func() error { return sayService(s, args[0], answer.GetNode()) })
		}),
	}
}

func addReason(c *cobra.Command, reason *string) {
	c.Flags().StringVar(reason, "reason", "", "why, for everybody to read: one line of at most 200 bytes")
}

// sayService says what a node takes by now.
func sayService(s *shared, name string, n *controlv1.Node) error {
	return say(s, "node %s is %s\n", name, cmp.Or(n.GetService(), "gone"))
}

// addService adds what a node takes, and why.
func addService(f *output.Fields, now time.Time, n *controlv1.Node) {
	f.Add("Service", n.GetService())
	f.Add("Service why", n.GetServiceReason())
	f.Add("Service by", n.GetServiceBy())
	f.Add("Service since", output.Time(now, n.GetServiceSince()))
	f.Add("Deadline", output.Time(now, n.GetDrainDeadline()))
	f.Add("Drivers", n.GetDrainDrivers())
	f.Add("Tried again", output.Time(now, n.GetTriedAgainAt()))
	if n.GetOnTrial() {
		f.Add("On trial", "it was set aside, and is again when it fails")
	}
	f.Add("Failures", failures(now, n.GetFailures()))
}

func failures(now time.Time, all []*controlv1.NodeFailure) string {
	said := make([]string, 0, len(all))
	for _, f := range all {
		said = append(said, f.GetKind()+" "+output.Age(now, f.GetFailedAt())+" ago")
	}
	return strings.Join(said, ", ")
}
