package attack

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// serverWorld is a cluster whose servers are to be stopped, one after another. An honest node runs what others submit
// meanwhile.
type serverWorld struct {
	t           *testing.T
	cluster     *testcluster.Cluster
	application string // of others
}

func newServerWorld(t *testing.T, config testcluster.Config) *serverWorld {
	t.Helper()
	w := &serverWorld{t: t, cluster: startCluster(t, config)}
	w.cluster.Node(testcluster.NodeConfig{
		Name: "honest",
		Zone: "a",
		Script: func(*agentv1.AssignedWorker) simnode.Program {
			return simnode.Program{Run: func(worker *simnode.Worker) simnode.Exit {
				worker.Print("stdout", "hello from an honest node\n")
				return simnode.Exit{}
			}}
		},
	})
	w.application = w.process(nil)
	return w
}

func (w *serverWorld) client() *testcluster.Client { return w.cluster.Leader().Client() }

func (w *serverWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// process creates an application of programs.
func (w *serverWorld) process(change func(*specv1.Application)) string {
	w.t.Helper()
	spec := processSpec("")
	if change != nil {
		change(spec)
	}
	made, err := w.client().CreateApplication(testcluster.Within(w.t), &controlv1.CreateApplicationRequest{Spec: spec})
	w.must(err)
	return made.GetApplication().GetApplicationId()
}

// submit starts a run of a program with tasks, each of the least size.
func (w *serverWorld) submit(application string, tasks uint32, change func(*specv1.Process)) (run string) {
	w.t.Helper()
	p := specv1.Process_builder{
		Command:    []string{"true"},
		Tasks:      &tasks,
		DriverSize: processSize(100, 32, 1),
		TaskSize:   processSize(100, 32, 1),
	}.Build()
	if change != nil {
		change(p)
	}
	started, err := w.client().StartJobRun(testcluster.Within(w.t), &controlv1.StartJobRunRequest{
		ApplicationId: application,
		Spec:          processRun(p),
	})
	w.must(err)
	return started.GetJobRun().GetJobRunId()
}

func (w *serverWorld) run(application, run string) *controlv1.JobRun {
	w.t.Helper()
	var answer *controlv1.GetJobRunResponse
	ctx := testcluster.Within(w.t)
	w.must(w.cluster.Anywhere(ctx, func(c *testcluster.Client) (err error) {
		answer, err = c.GetJobRun(ctx, &controlv1.GetJobRunRequest{ApplicationId: application, JobRunId: run})
		return err
	}))
	return answer.GetJobRun()
}

// others holds that others are served: a run that is submitted now succeeds, its log can be read through every server,
// and no server had to catch a panic.
func (w *serverWorld) others() {
	w.t.Helper()
	run := w.submit(w.application, 0, nil)
	testcluster.Eventually(
		w.t,
		"a run of others to succeed",
		func() bool { return w.run(w.application, run).GetState() == "SUCCESS" },
	)
	for _, s := range w.cluster.Servers {
		ctx, cancel := context.WithTimeout(testcluster.Within(w.t), 20*time.Second)
		if text := w.log(ctx, s, &controlv1.ReadLogRequest{
			ApplicationId: w.application,
			JobRunId:      run,
			Stream:        "stdout",
		}); text != "hello from an honest node\n" {
			w.t.Errorf("%s reads %q", s.ID(), text)
		}
		status, err := s.Client().GetClusterStatus(ctx, &controlv1.GetClusterStatusRequest{})
		if err != nil || status.GetCaughtPanics() > 0 {
			w.t.Errorf("%s caught %d panics, %v", s.ID(), status.GetCaughtPanics(), err)
		}
		cancel()
	}
}

// log reads a log through a server until it ends, or cannot be read.
func (w *serverWorld) log(ctx context.Context, s *testcluster.Server, r *controlv1.ReadLogRequest) (text string) {
	stream, err := s.Client().ReadLog(ctx, r)
	for err == nil {
		var part *controlv1.ReadLogResponse
		part, err = stream.Recv()
		text += string(part.GetData())
	}
	return text
}

// hostile is a node without honest code: it says that everything runs that it is told to run, and serves Data streams
// as a test wants.
type hostile struct {
	*rawSession
	id string
}

// hostile registers one that offers more than anybody. What it is asked on Data streams, answer answers.
func (w *serverWorld) hostile(zone string, answer func(agentv1.AgentService_DataClient)) *hostile {
	w.t.Helper()
	h := &hostile{id: newID()}
	conn := w.cluster.DialNode(w.cluster.Leader(), "hostile", h.id)
	w.t.Cleanup(func() { _ = conn.Close() })
	agent := &rawAgent{AgentServiceClient: agentv1.NewAgentServiceClient(conn), t: w.t, id: h.id}
	r := offer(h.id, "hostile")
	r.Zone = zone
	h.rawSession = agent.session(r)
	h.registered(w.t)
	done := make(chan struct{})
	group := sync.WaitGroup{}
	group.Go(func() { h.pretend(w, answer, done) })
	w.t.Cleanup(func() { close(done); group.Wait() })
	return h
}

// pretend renews the lease and says what a node says whose workers run.
func (h *hostile) pretend(w *serverWorld, answer func(agentv1.AgentService_DataClient), done <-chan struct{}) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var group sync.WaitGroup
	defer group.Wait()
	for heard, number := 0, uint64(0); ; {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		number++
		h.say(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Renew{Renew: &agentv1.Renew{Number: number}}})
		all := h.all()
		for _, m := range all[heard:] {
			for _, worker := range m.GetAssignment().GetWorkers() {
				phase := agentv1.Phase_PHASE_RUNNING
				if worker.GetDesired() == agentv1.Desired_DESIRED_STOP {
					phase = agentv1.Phase_PHASE_ENDED
				}
				h.report(&agentv1.Report{
					Number:  number,
					Workers: []*agentv1.WorkerStatus{{WorkerId: worker.GetWorkerId(), Epoch: worker.GetEpoch(), Phase: phase}},
				})
			}
			if open := m.GetOpenData(); open != nil {
				group.Go(func() { w.serve(h.id, open, answer, done) })
			}
		}
		heard = len(all)
	}
}

// serve opens a Data stream.
func (w *serverWorld) serve(
	id string,
	open *agentv1.OpenData,
	answer func(agentv1.AgentService_DataClient),
	done <-chan struct{},
) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-done:
			cancel()
		case <-ctx.Done():
		}
	}()
	for _, s := range w.cluster.Servers {
		if s.Address() != open.GetServerAddress() {
			continue
		}
		conn := w.cluster.DialNode(s, "hostile", id)
		defer func() { _ = conn.Close() }()
		stream, err := agentv1.NewAgentServiceClient(conn).Data(ctx)
		if err == nil &&
			stream.Send(&agentv1.DataRequest{Message: &agentv1.DataRequest_Ticket{Ticket: open.GetTicket()}}) == nil {
			answer(stream)
		}
	}
}
