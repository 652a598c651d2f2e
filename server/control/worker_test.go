package control

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/internal/testcluster/solo"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/command"
)

// agent opens a session for a node, and answers what is asked over Data streams. A nil answer leaves the server
// waiting.
func (s *service) agent(name string, answer func(*agentv1.DataResponse) *agentv1.DataRequest) string {
	s.t.Helper()
	id := s.node(name, "a")
	ctx, cancel := context.WithCancel(metadata.AppendToOutgoingContext(context.Background(), ident.NodeMetadata, id))
	client := agentv1.NewAgentServiceClient(s.dial())
	session, err := client.Session(ctx)
	must(s.t, err)
	must(
		s.t,
		session.Send(
			&agentv1.SessionRequest{
				Message: &agentv1.SessionRequest_Register{
					Register: &agentv1.Register{
						Isolation: "SANDBOX", NodeId: id, Name: name, Zone: "a",
						Host: name, MilliCpu: 32_000, MemoryMib: 128 << 10, DiskMib: 2000 << 10, Architecture: "X86_64",
					},
				},
			},
		),
	)
	_, err = session.Recv() // registered: the node can be asked from now on
	must(s.t, err)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			m, err := session.Recv()
			if err != nil {
				return
			}
			if open := m.GetOpenData(); open != nil {
				serveData(ctx, client, open.GetTicket(), answer)
			}
		}
	}()
	s.t.Cleanup(func() { cancel(); <-ended })
	return id
}

func serveData(
	ctx context.Context,
	client agentv1.AgentServiceClient,
	ticket string,
	answer func(*agentv1.DataResponse) *agentv1.DataRequest,
) {
	data, err := client.Data(ctx)
	if err != nil || data.Send(&agentv1.DataRequest{Message: &agentv1.DataRequest_Ticket{Ticket: ticket}}) != nil {
		return
	}
	if asked, err := data.Recv(); err == nil {
		if said := answer(asked); said != nil {
			_ = data.Send(said)
		}
		_, _ = data.Recv() // until the server closes
	}
}

// leads waits until agents are served.
func (s *service) leads() {
	s.t.Helper()
	solo.Eventually(
		s.t,
		"agents to be served",
		func() bool { return !errs.Is(s.api.cfg.Dispatch.Ask("n", "ticket", "here"), errs.NotLeader) },
	)
}

func launched(launch *agentv1.WorkerLaunch) *agentv1.DataRequest {
	return &agentv1.DataRequest{Message: &agentv1.DataRequest_WorkerLaunch{WorkerLaunch: launch}}
}

func TestGetWorker_ShowsHowItsNodeStartedIt(t *testing.T) {
	s := serve(t)
	s.leads()
	node := s.agent("n1", func(asked *agentv1.DataResponse) *agentv1.DataRequest {
		return launched(
			&agentv1.WorkerLaunch{
				Command:     []string{"work", asked.GetDescribeWorker().GetWorkerId()},
				Environment: map[string]string{"A": "***"},
				Directory:   "/w",
				Files: []*agentv1.LaunchFile{
					{Path: "conf", SizeBytes: 2, Content: "ab"},
					{Path: "job.py", Source: "s3://b/job.py", SizeBytes: 9},
				},
			},
		)
	})
	worker := s.run(s.submit(s.create(nil), nil), node)
	answer, err := s.GetWorker(t.Context(), &controlv1.GetWorkerRequest{WorkerId: worker.ID})
	must(t, err)
	wantSame(
		t,
		"launch",
		answer.GetLaunch(),
		&controlv1.Launch{
			Command:     []string{"work", worker.ID},
			Environment: map[string]string{"A": "***"},
			Directory:   "/w",
			Files: []*controlv1.LaunchFile{
				{Path: "conf", SizeBytes: 2, Content: "ab"},
				{Path: "job.py", Source: "s3://b/job.py", SizeBytes: 9},
			},
			JobRunId: worker.Run,
		},
	)
	if w := answer.GetWorker(); answer.GetLaunchUnknown() != "" || w.GetState() != "RUNNING" ||
		w.GetNodeName() != "n1" ||
		w.GetDiskType() != "STANDARD" ||
		w.GetApplicationId() != worker.Application {
		t.Errorf("%v, %q", w, answer.GetLaunchUnknown())
	}
	_, err = s.GetWorker(t.Context(), &controlv1.GetWorkerRequest{WorkerId: "nobody"})
	wantError(t, err, errs.NotFound, "", "nobody")
}

// The row is shown whatever becomes of the question, and the answer says why there is nothing else.
func TestGetWorker_SaysWhyItIsNotKnownHowItWasStarted(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(*agentv1.DataResponse) *agentv1.DataRequest
		said   string
	}{
		"cleaned up": {func(*agentv1.DataResponse) *agentv1.DataRequest {
			return launched(&agentv1.WorkerLaunch{Error: "its directory is gone"})
		}, "its node cannot say: its directory is gone"},
		"another agent": {func(*agentv1.DataResponse) *agentv1.DataRequest {
			return &agentv1.DataRequest{Message: &agentv1.DataRequest_LogEnd{LogEnd: &agentv1.LogEnd{}}}
		}, "its node answered something else; its agent is of another version"},
		"silent": {
			func(*agentv1.DataResponse) *agentv1.DataRequest { return nil },
			"its node did not answer within 100ms",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			s.leads()
			worker := s.run(s.submit(s.create(nil), nil), s.agent("n1", c.answer))
			answer, err := (&workers{Control: s.api, patience: 100 * time.Millisecond}).GetWorker(
				caller.With(t.Context(), caller.Local()),
				&controlv1.GetWorkerRequest{WorkerId: worker.ID},
			)
			if err != nil || answer.GetLaunch() != nil || answer.GetLaunchUnknown() != c.said ||
				answer.GetWorker().GetWorkerId() != worker.ID {
				t.Errorf("%v, %v", answer, err)
			}
		})
	}
}

func TestGetWorker_DoesNotAskANodeThatIsNotThere(t *testing.T) {
	s := serve(t)
	node := s.node("n1", "a")
	worker := s.run(s.submit(s.create(nil), nil), node)
	get := func() string {
		t.Helper()
		answer, err := s.GetWorker(t.Context(), &controlv1.GetWorkerRequest{WorkerId: worker.ID})
		must(t, errors.Join(err))
		if answer.GetLaunch() != nil {
			t.Errorf("launch %v", answer.GetLaunch())
		}
		return answer.GetLaunchUnknown()
	}
	s.leads()
	if said := get(); said != "cannot reach node "+node+": its agent is not connected" {
		t.Errorf("not connected: %q", said)
	}
	s.do((&command.LoseNode{Node: node, Reason: "its lease is over"}).Decide)
	if said := get(); said != "its node, n1, is lost: its lease is over" {
		t.Errorf("lost: %q", said)
	}
	s.do((&command.ForgetNode{IDOrName: node}).Decide)
	if said := get(); said != "its node, "+node+", was forgotten" {
		t.Errorf("forgotten: %q", said)
	}
}
