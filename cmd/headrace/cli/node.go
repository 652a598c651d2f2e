package cli

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/label"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func nodeCommand(env Env) *cobra.Command {
	c := parent("node", "Nodes: machines that offer resources")
	s := newShared(env, c)
	c.AddCommand(listNodes(s), s.onNode(getNode(s)), s.onNode(approveNode(s)), s.onNode(forgetNode(s)),
		s.onNode(cordonNode(s)), s.onNode(uncordonNode(s)), s.onNode(drainNode(s)))
	return c
}

func listNodes(s *shared) *cobra.Command {
	request := &controlv1.ListNodesRequest{}
	c := &cobra.Command{
		Use:   "list",
		Short: "List nodes by zone and name",
		Args:  Nothing,
		RunE: s.with("list nodes", func(c *cobra.Command, cl *client.Client, _ []string) error {
			return s.showNodes(c.Context(), cl, request)
		}),
	}
	c.Flags().StringVar(&request.Zone, "zone", "", "only this zone")
	c.Flags().StringArrayVar(&request.Constraints, "label", nil,
		"only nodes that meet this constraint, such as 'disk == nvme'; may be repeated")
	return c
}

// showNodes lists the nodes that are asked for.
func (s *shared) showNodes(ctx context.Context, cl *client.Client, request *controlv1.ListNodesRequest) error {
	answer, err := allNodes(ctx, cl, request)
	if err != nil {
		return err
	}
	return s.print(answer, func() error { return writeNodes(s, answer.GetNodes()) })
}

func allNodes(
	ctx context.Context, cl *client.Client, request *controlv1.ListNodesRequest,
) (*controlv1.ListNodesResponse, error) {
	all := &controlv1.ListNodesResponse{}
	rows, err := pages(0, func(token string) ([]*controlv1.Node, string, error) {
		request.NextToken = token
		page, err := nodes(cl).ListNodes(ctx, request)
		all.Record = page.GetRecord()
		return page.GetNodes(), page.GetNextToken(), err
	})
	all.Nodes = rows
	return all, err
}

func writeNodes(s *shared, rows []*controlv1.Node) error {
	t := s.table(
		"ZONE",
		"NAME",
		"STATE",
		"SERVICE",
		">WORKERS",
		">VCPU",
		">MEMORY",
		">DISK",
		"~RELEASES",
		"~LABELS",
		"ISOLATION",
		"CERTIFICATE",
		">JOINED",
		">REGISTERED",
		">HEARD",
	)
	for _, n := range rows {
		t.Add(
			n.GetZone(),
			n.GetName(),
			n.GetState(),
			n.GetService(),
			strconv.Itoa(int(n.GetWorkers())),
			of(output.CPU, n),
			of(output.Memory, n),
			of(output.Disk, n),
			strings.Join(n.GetReleases(), ","),
			label.Of(n.GetLabels()).String(),
			n.GetIsolation(),
			short(n.GetCertificateSha256()),
			output.Age(s.Now(), n.GetJoinedAt()),
			output.Age(s.Now(), n.GetRegisteredAt()),
			output.Age(s.Now(), n.GetLastHeardAt()),
		)
	}
	return t.Write(s.Out)
}

// short writes enough of a certificate's SHA-256 to tell it from others.
func short(sha256 string) string { return cmp.Or(sha256[:min(12, len(sha256))], "none") }

// of writes how much of a resource is used, of how much.
func of(write func(output.Amounts) string, n *controlv1.Node) string {
	return write(n.GetUsed()) + " of " + write(n.GetCapacity())
}

func getNode(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:   "get NODE",
		Short: "Show a node, by id or name, with its workers",
		Args:  Takes("NODE"),
		RunE:  s.with("get node", s.showNode),
	}
}

// showNode shows a node with its workers.
func (s *shared) showNode(c *cobra.Command, cl *client.Client, args []string) error {
	const doing = "get node"
	answer, err := nodes(cl).GetNode(c.Context(), &controlv1.GetNodeRequest{NodeId: args[0]})
	if err != nil {
		return failNode(doing, err)
	}
	return s.print(answer, func() error { return writeNode(s, answer) })
}

func writeNode(s *shared, answer *controlv1.GetNodeResponse) error {
	f := s.fields()
	addNode(f, answer.GetNode())
	addService(f, s.Now(), answer.GetNode())
	addMachine(f, answer.GetNode())
	addRegistration(f, s.Now(), answer.GetNode())
	if err := f.Write(s.Out); err != nil || len(answer.GetWorkers()) == 0 {
		return err
	}
	_ = say(s, "\n")
	return writeNodeWorkers(s, answer.GetWorkers())
}

// addNode adds what a node is and holds.
func addNode(f *output.Fields, n *controlv1.Node) {
	f.Add("Node", n.GetNodeId())
	f.Add("Name", n.GetName())
	f.Add("Zone", n.GetZone())
	f.Add("Labels", label.Of(n.GetLabels()).String())
	f.Add("State", n.GetState())
	f.Add("Why", n.GetStateDetails())
	f.Add("Offers", output.Resources(n.GetCapacity()))
	f.Add("Used", output.Resources(n.GetUsed()))
	f.Add("Releases", strings.Join(n.GetReleases(), ", "))
	f.Add("Slots", strconv.Itoa(int(n.GetSlots())))
}

// addMachine adds what runs on a node, and how its workers are kept apart.
func addMachine(f *output.Fields, n *controlv1.Node) {
	f.Add("Architecture", n.GetArchitecture())
	f.Add("Java", numbers(n.GetJavaVersions()))
	f.Add("Python", n.GetPythonVersion())
	f.Add("Isolation", n.GetIsolation())
	f.Add("Gaps", strings.Join(n.GetIsolationGaps(), "; "))
	f.Add("Shared", strings.Join(n.GetSharedDirectories(), ", "))
}

// addRegistration adds as what the servers know the node.
func addRegistration(f *output.Fields, now time.Time, n *controlv1.Node) {
	f.Add("Host", n.GetHost())
	f.Add("Agent", n.GetAgentVersion())
	f.Add("Certificate", certificate(n))
	f.Add("Joined", output.Time(now, n.GetJoinedAt()))
	f.Add("Registered", output.Time(now, n.GetRegisteredAt()))
	f.Add("Last heard", output.Time(now, n.GetLastHeardAt()))
}

func writeNodeWorkers(s *shared, workers []*controlv1.Worker) error {
	t := s.table("JOB RUN", "TYPE", ">NUMBER", "STATE", ">VCPU", ">MEMORY", ">RAN")
	for _, w := range workers {
		t.Add(
			w.GetJobRunId(),
			w.GetType(),
			number(int64(w.GetNumber())),
			w.GetState(),
			output.CPU(w.GetSize()),
			output.Memory(w.GetSize()),
			output.Lasted(s.Now(), w.GetRunningAt(), w.GetEndedAt()),
		)
	}
	return t.Write(s.Out)
}

func certificate(n *controlv1.Node) string {
	if n.GetCertificateName() == "" {
		return "none: the servers speak without TLS"
	}
	return "for " + n.GetCertificateName() + ", SHA-256 " + n.GetCertificateSha256()
}

func approveNode(s *shared) *cobra.Command {
	request := &controlv1.ApproveNodeRequest{}
	c := &cobra.Command{
		Use:   "approve NODE",
		Short: "Accept a node that waits for an operator, by id or name",
		Args:  Takes("NODE"),
		Long: "Accept a node that waits for an operator, by id or name.\n\n" +
			"With node_approval: manual in the servers' configuration a node that joins is given nothing\n" +
			"until then. `headrace node get NODE` shows its certificate.",
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "approve node"
			request.NodeId = args[0]
			return s.call(doing, func(cl *client.Client) error {
				answer, err := nodes(cl).ApproveNode(c.Context(), request)
				if err != nil {
					return failNode(doing, err)
				}
				return s.print(answer, func() error {
					return say(s, "node %s is approved, and %s\n", args[0], cmp.Or(answer.GetNode().GetState(), "gone"))
				})
			})
		},
	}
	c.Flags().StringVar(&request.CertificateSha256, "certificate", "",
		"refuse if the SHA-256 of its certificate is another one by now")
	return c
}

func forgetNode(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:   "forget NODE",
		Short: "Remove a lost node, or one that was never approved, by id or name",
		Args:  Takes("NODE"),
		RunE:  s.with("forget node", s.forget),
	}
}

// forget removes a node.
func (s *shared) forget(c *cobra.Command, cl *client.Client, args []string) error {
	const doing = "forget node"
	answer, err := nodes(cl).ForgetNode(c.Context(), &controlv1.ForgetNodeRequest{NodeId: args[0]})
	if err != nil {
		return failNode(doing, err)
	}
	return s.print(answer, func() error { return say(s, "node %s is forgotten\n", args[0]) })
}
