package server_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// session opens a session by hand.
func session(
	t *testing.T,
	cluster *testcluster.Cluster,
	s *testcluster.Server,
	first *agentv1.SessionRequest,
) agentv1.AgentService_SessionClient {
	t.Helper()
	conn := cluster.Dial(s, "agent")
	t.Cleanup(func() { conn.Close() })
	stream, err := agentv1.NewAgentServiceClient(conn).Session(testcluster.Within(t))
	must(t, err)
	// A server that refuses may have ended the stream already; Recv says why.
	if err := stream.Send(first); !errors.Is(err, io.EOF) {
		must(t, err)
	}
	return stream
}

func register(name string) *agentv1.SessionRequest {
	return &agentv1.SessionRequest{Message: &agentv1.SessionRequest_Register{Register: &agentv1.Register{
		Isolation:    "SANDBOX",
		NodeId:       "01arz3ndektsv4rrffq69g5f" + name,
		Name:         name,
		Zone:         "a",
		MilliCpu:     1000,
		MemoryMib:    1000,
		DiskMib:      1000,
		Architecture: "X86_64",
		Host:         "h",
	}}}
}

func renew(number uint64, wanted time.Duration) *agentv1.SessionRequest {
	return &agentv1.SessionRequest{Message: &agentv1.SessionRequest_Renew{Renew: &agentv1.Renew{
		Number:             number,
		WantedMilliseconds: wanted.Milliseconds(),
	}}}
}

// receive returns the next message that is wanted.
func receive[M any](t *testing.T, stream agentv1.AgentService_SessionClient, get func(*agentv1.SessionResponse) *M) *M {
	t.Helper()
	for {
		m, err := stream.Recv()
		must(t, err)
		if got := get(m); got != nil {
			return got
		}
	}
}

func TestSession_OnlyTheLeaderHoldsIt(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{})
	_, err := session(t, cluster, cluster.Follower(), register("n1")).Recv()
	wantError(t, err, errs.NotLeader, "", cluster.Leader().Address())
	_, err = session(t, cluster, cluster.Leader(), renew(1, 0)).Recv()
	wantError(t, err, errs.Invalid, "", "begins with a registration")
	refused := register("n1")
	refused.GetRegister().Zone = ""
	_, err = session(t, cluster, cluster.Leader(), refused).Recv()
	wantError(t, err, errs.Invalid, "zone")

	first := session(t, cluster, cluster.Leader(), register("n1"))
	receive(t, first, (*agentv1.SessionResponse).GetRegistered)
	twin := register("n2")
	twin.GetRegister().Name = "n1"
	_, err = session(t, cluster, cluster.Leader(), twin).Recv()
	wantError(t, err, errs.Conflict, "", "n1")

	second := session(t, cluster, cluster.Leader(), register("n1")) // the same node again: the old session ends
	receive(t, second, (*agentv1.SessionResponse).GetRegistered)
	for err = nil; err == nil; {
		_, err = first.Recv()
	}
	wantError(t, err, errs.Unavailable, "", "newer session")
}

// A planned restart asks for a long lease. When the node is back, it is told the usual one, by which it renews.
func TestSession_UsualLeaseAfterAPlannedRestart(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1, Lease: 4 * time.Second})
	stream := session(t, cluster, cluster.Leader(), register("n1"))
	registered := receive(t, stream, (*agentv1.SessionResponse).GetRegistered)
	if registered.GetLeaseMilliseconds() != 4000 || len(registered.GetServerAddresses()) != 1 ||
		registered.GetTerm() == 0 {
		t.Errorf("registered %v", registered)
	}
	if first := receive(t, stream, (*agentv1.SessionResponse).GetAssignment); !first.GetComplete() ||
		len(first.GetWorkers()) != 0 {
		t.Errorf("the first assignment is %v", first)
	}
	must(t, stream.Send(renew(7, time.Minute)))
	renewed := receive(t, stream, (*agentv1.SessionResponse).GetRenewed)
	if ms := renewed.GetLeaseMilliseconds(); renewed.GetNumber() != 7 || ms > 60_000 || ms < 30_000 {
		t.Errorf("renewed %v", renewed)
	}
	again := session(t, cluster, cluster.Leader(), register("n1"))
	if ms := receive(t, again, (*agentv1.SessionResponse).GetRegistered).GetLeaseMilliseconds(); ms != 4000 {
		t.Errorf("the usual lease is %d ms after a planned restart", ms)
	}
}

// A short lease needs contact with the quorum more often than a long one: else a renewal would give hardly anything.
func TestSession_ShortLeasesAreRenewedInFull(t *testing.T) {
	t.Parallel()
	const lease = time.Second
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1, Lease: lease})
	stream := session(t, cluster, cluster.Leader(), register("n1"))
	every := time.NewTicker(lease / 20)
	defer every.Stop()
	least := int64(lease / time.Millisecond)
	for n := range uint64(40) {
		<-every.C
		must(t, stream.Send(renew(n, 0)))
		least = min(least, receive(t, stream, (*agentv1.SessionResponse).GetRenewed).GetLeaseMilliseconds())
	}
	if least < 300 {
		t.Errorf("a renewal gave %d ms of a lease of %s", least, lease)
	}
}

// What a node holds may change while its session stands.
func TestSession_ReportsReleases(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1})
	stream := session(t, cluster, cluster.Leader(), register("n1"))
	must(t, stream.Send(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Report{Report: &agentv1.Report{
		Number:   3,
		Releases: &agentv1.ReleaseHoldings{Labels: []string{"emr-7.2.0"}},
	}}}))
	if ack := receive(t, stream, (*agentv1.SessionResponse).GetReportAcknowledged); ack.GetNumber() != 3 {
		t.Errorf("acknowledged %v", ack)
	}
	node, err := cluster.Leader().
		Client().
		GetNode(testcluster.Within(t), &controlv1.GetNodeRequest{NodeId: "n1"})
		// by its name
	must(t, err)
	if got := node.GetNode().GetReleases(); len(got) != 1 || got[0] != "emr-7.2.0" {
		t.Errorf("the node holds %v", got)
	}
	_, err = session(t, cluster, cluster.Leader(), &agentv1.SessionRequest{}).Recv()
	wantError(t, err, errs.Invalid, "", "registration")
	must(t, stream.Send(register("n1")))
	for err = nil; err == nil; {
		_, err = stream.Recv()
	}
	wantError(t, err, errs.Invalid, "", "second registration")
}
