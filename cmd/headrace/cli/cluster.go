package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func clusterCommand(env Env) *cobra.Command {
	c := parent("cluster", "The cluster itself")
	s := newShared(env, c)
	c.AddCommand(clusterStatus(s), removeServer(s))
	return c
}

func clusterStatus(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show the servers and what the cluster holds",
		Args:  Nothing,
		RunE:  s.with("get cluster status", s.showStatus),
	}
}

// showStatus shows the servers and what the cluster holds.
func (s *shared) showStatus(c *cobra.Command, cl *client.Client, _ []string) error {
	answer, err := cluster(cl).GetClusterStatus(c.Context(), &controlv1.GetClusterStatusRequest{})
	if err != nil {
		return err
	}
	return s.print(answer, func() error { return writeStatus(s, answer) })
}

func writeStatus(s *shared, a *controlv1.GetClusterStatusResponse) error {
	f := s.fields()
	addStatus(f, a)
	if err := f.Write(s.Out); err != nil {
		return err
	}
	_ = say(s, "\n")
	return writeServers(s, a.GetServers())
}

func addStatus(f *output.Fields, a *controlv1.GetClusterStatusResponse) {
	f.Add("Cluster", a.GetClusterId())
	f.Add("Answered by", a.GetAnsweredBy())
	f.Add("Term", strconv.FormatUint(a.GetTerm(), 10))
	f.Add("Record", strconv.FormatUint(a.GetRecord(), 10))
	f.Add("Nodes", nodeCounts(a))
	f.Add("Offered", output.Resources(a.GetCapacity()))
	f.Add("Used", output.Resources(a.GetUsed()))
	f.Add("Unfinished runs", strconv.Itoa(int(a.GetUnfinishedRuns())))
	f.Add("Live workers", strconv.Itoa(int(a.GetLiveWorkers())))
	f.Add("Refused plans", strconv.FormatUint(a.GetRefusedPlans(), 10))
	f.Add("Planner rebuilds", strconv.FormatUint(a.GetPlannerRebuilds(), 10))
	f.Add("Caught panics", strconv.FormatUint(a.GetCaughtPanics(), 10))
}

func writeServers(s *shared, servers []*controlv1.Server) error {
	t := s.table("SERVER", "ROLE", "ALIVE", "VOTES", ">APPLIED", "GRPC", "RAFT", "VERSION")
	for _, server := range servers {
		role := "follower"
		if !server.GetVoter() {
			role = "none"
		}
		if server.GetLeader() {
			role = "leader"
		}
		t.Add(
			server.GetServerId(),
			role,
			yes(server.GetAlive()),
			yes(server.GetVoter()),
			appliedAt(server),
			server.GetGrpcAddress(),
			server.GetRaftAddress(),
			server.GetVersion(),
		)
	}
	if err := t.Write(s.Out); err != nil {
		return err
	}
	return writeOutside(s, servers)
}

// appliedAt is the last record that a server has applied; a dash: it does not say.
func appliedAt(server *controlv1.Server) string {
	if server.GetAppliedRecord() == 0 {
		return "-"
	}
	return strconv.FormatUint(server.GetAppliedRecord(), 10)
}

// writeOutside says of servers that run why they take no part.
func writeOutside(s *shared, servers []*controlv1.Server) error {
	for _, server := range servers {
		if why := server.GetOutside(); why != "" {
			if err := say(s, "\n%s takes no part: %s\n", server.GetServerId(), why); err != nil {
				return err
			}
		}
	}
	return nil
}

func nodeCounts(a *controlv1.GetClusterStatusResponse) string {
	counts := fmt.Sprintf("%d ready, %d lost", a.GetNodesReady(), a.GetNodesLost())
	if n := a.GetNodesNotApproved(); n > 0 {
		counts += fmt.Sprintf(", %d not approved: headrace node list, then headrace node approve NODE", n)
	}
	if n := a.GetNodesNotIsolated(); n > 0 {
		counts += fmt.Sprintf("; on %d workers are not isolated: headrace node list, then headrace node get NODE", n)
	}
	return counts
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
