package attack

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/prototext"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// secret is in the environment of the victim's run.
const secret = "hunter2-of-the-victim"

// nodeWorld is a cluster with mutual TLS. An honest node, the victim, has a run. The thief has an agent's certificate
// of its own, for the node of that name.
type nodeWorld struct {
	t       *testing.T
	cluster *testcluster.Cluster
	victim  *testcluster.Node

	application, run string
	finish           chan struct{} // ends the victim's workers well
}

// newNodeWorld starts the cluster, and the run unless there is a script of something else.
func newNodeWorld(t *testing.T, config testcluster.Config) *nodeWorld {
	t.Helper()
	config.TLS = true
	w := &nodeWorld{t: t, cluster: startCluster(t, config), finish: make(chan struct{})}
	w.victim = w.node("victim")
	w.application = w.process()
	w.run = ""
	w.run = w.start()
	return w
}

// node adds an honest node.
func (w *nodeWorld) node(name string) *testcluster.Node {
	w.t.Helper()
	return w.cluster.Node(testcluster.NodeConfig{
		Name: name,
		Zone: "a",
		Script: func(*agentv1.AssignedWorker) simnode.Program {
			return simnode.RunsUntil(w.finish)
		},
	})
}

func (w *nodeWorld) client() *testcluster.Client { return w.cluster.Leader().Client() }

func (w *nodeWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *nodeWorld) process() string {
	w.t.Helper()
	request := &controlv1.CreateApplicationRequest{Spec: processSpec("app")}
	made, err := w.client().CreateApplication(testcluster.Within(w.t), request)
	w.must(err)
	return made.GetApplication().GetApplicationId()
}

// start starts a run with a secret in its environment, and waits until its driver and its task run.
func (w *nodeWorld) start() string {
	w.t.Helper()
	run := w.submit()
	testcluster.Eventually(w.t, "the run and its task to run", func() bool {
		running := 0
		for _, worker := range w.workers(run) {
			if worker.GetState() == "RUNNING" {
				running++
			}
		}
		return running == 2
	})
	return run
}

// submit submits a run with a driver and a task.
func (w *nodeWorld) submit() string {
	w.t.Helper()
	program := specv1.Process_builder{
		Command:     []string{"driver"},
		Tasks:       new(uint32(1)),
		DriverSize:  processSize(1000, 1024, 1024),
		TaskSize:    processSize(1000, 1024, 1024),
		Environment: map[string]string{"TOKEN": secret},
	}.Build()
	started, err := w.client().StartJobRun(testcluster.Within(w.t), &controlv1.StartJobRunRequest{
		ApplicationId: w.application,
		Spec:          processRun(program),
	})
	w.must(err)
	return started.GetJobRun().GetJobRunId()
}

func (w *nodeWorld) workers(run string) []*controlv1.Worker {
	w.t.Helper()
	list, err := w.client().ListWorkers(testcluster.Within(w.t), &controlv1.ListWorkersRequest{
		ApplicationId: w.application,
		JobRunId:      run,
	})
	w.must(err)
	return list.GetWorkers()
}

func (w *nodeWorld) state(run string) string {
	w.t.Helper()
	row, err := w.client().GetJobRun(testcluster.Within(w.t), &controlv1.GetJobRunRequest{
		ApplicationId: w.application,
		JobRunId:      run,
	})
	w.must(err)
	return row.GetJobRun().GetState()
}

func (w *nodeWorld) nodes() []*controlv1.Node {
	w.t.Helper()
	list, err := w.client().ListNodes(testcluster.Within(w.t), &controlv1.ListNodesRequest{})
	w.must(err)
	return list.GetNodes()
}

// picture is all that people see of nodes, runs and workers, and the newest record of the log.
func (w *nodeWorld) picture() string {
	w.t.Helper()
	client := w.client()
	ctx := testcluster.Within(w.t)
	nodes, err := client.ListNodes(ctx, &controlv1.ListNodesRequest{})
	w.must(err)
	for _, node := range nodes.GetNodes() {
		node.LastHeardAt = nil // whoever speaks was heard
	}
	runs, err := client.ListJobRuns(ctx, &controlv1.ListJobRunsRequest{ApplicationId: w.application})
	w.must(err)
	workers, err := client.ListWorkers(ctx, &controlv1.ListWorkersRequest{ApplicationId: w.application, JobRunId: w.run})
	w.must(err)
	return prototext.Format(nodes) + prototext.Format(runs) + prototext.Format(workers)
}

// unmoved holds that an attack has changed nothing in the log: no record was written, so the state of every server is
// what it was. The victim is still served: a run that is started now runs on it.
func (w *nodeWorld) unmoved(attack func()) {
	w.t.Helper()
	before := w.picture()
	attack()
	if after := w.picture(); after != before {
		w.t.Errorf("the attack changed the state from\n%s\nto\n%s", before, after)
	}
	next := w.start()
	for _, worker := range w.workers(next) {
		if worker.GetNodeId() != w.victim.ID {
			w.t.Errorf("worker %s of a run that came later is on node %s", worker.GetWorkerId(), worker.GetNodeName())
		}
	}
	if len(w.victim.Fenced()) > 0 {
		w.t.Errorf("the victim's workers were fenced: %v", w.victim.Fenced())
	}
}

// ends holds that the victim's run ends as its own node says.
func (w *nodeWorld) ends() {
	w.t.Helper()
	close(w.finish)
	testcluster.Eventually(w.t, "the victim's run to succeed", func() bool { return w.state(w.run) == "SUCCESS" })
}

// newID is one that no node has.
func newID() string { return strings.ToLower(rand.Text())[:26] }

// rawAgent is a connection that says what a test wants: with the certificate of a node, and the id that it claims.
type rawAgent struct {
	agentv1.AgentServiceClient
	t  *testing.T
	id string
}

// raw connects to a server.
func (w *nodeWorld) raw(s *testcluster.Server, certificate, id string) *rawAgent {
	w.t.Helper()
	conn := w.cluster.DialNode(s, certificate, id)
	w.t.Cleanup(func() { _ = conn.Close() })
	return &rawAgent{AgentServiceClient: agentv1.NewAgentServiceClient(conn), t: w.t, id: id}
}

// offer is a registration of a node that has nothing.
func offer(id, name string) *agentv1.Register {
	return &agentv1.Register{
		Isolation:    "SANDBOX",
		NodeId:       id,
		Name:         name,
		Zone:         "a",
		MilliCpu:     64_000,
		MemoryMib:    512 << 10,
		DiskMib:      4 << 20,
		Architecture: "X86_64",
		Host:         "127.0.0.1",
		AgentVersion: "test",
		BootId:       "boot",
	}
}

// rawSession is a session, with all that was said on it.
type rawSession struct {
	grpc.BidiStreamingClient[agentv1.SessionRequest, agentv1.SessionResponse]
	ended chan struct{} // closed when it has ended

	mu    sync.Mutex
	heard []*agentv1.SessionResponse
	err   error
}

// session opens a session with a registration.
func (a *rawAgent) session(r *agentv1.Register) *rawSession {
	a.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	stream, err := a.Session(ctx)
	if err != nil {
		a.t.Fatal(err)
	}
	s := &rawSession{BidiStreamingClient: stream, ended: make(chan struct{})}
	go s.listen()
	a.t.Cleanup(func() { cancel(); <-s.ended })
	s.say(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Register{Register: r}})
	return s
}

// say sends; a session that has ended takes nothing.
func (s *rawSession) say(m *agentv1.SessionRequest) { _ = s.Send(m) }

func (s *rawSession) report(r *agentv1.Report) {
	s.say(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Report{Report: r}})
}

func (s *rawSession) listen() {
	defer close(s.ended)
	for {
		m, err := s.Recv()
		s.mu.Lock()
		if err != nil {
			s.err = grpcerr.FromStatus(err)
			s.mu.Unlock()
			return
		}
		s.heard = append(s.heard, m)
		s.mu.Unlock()
	}
}

// all returns what was heard so far.
func (s *rawSession) all() []*agentv1.SessionResponse {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*agentv1.SessionResponse{}, s.heard...)
}

// registered waits until the session stands.
func (s *rawSession) registered(t *testing.T) *rawSession {
	t.Helper()
	testcluster.Eventually(t, "a session to stand", func() bool { return len(s.all()) > 0 })
	if s.all()[0].GetRegistered() == nil {
		t.Fatalf("a session begins with %v", s.all()[0])
	}
	return s
}

// over waits for the session's end.
func (s *rawSession) over(t *testing.T) {
	t.Helper()
	testcluster.Eventually(t, "a session to end", func() bool {
		select {
		case <-s.ended:
			return true
		default:
			return false
		}
	})
}

// refused waits for the session's end, and holds that it was told nothing before.
func (s *rawSession) refused(t *testing.T, kind errs.Kind) {
	t.Helper()
	s.over(t)
	if heard := s.all(); len(heard) > 0 || !errs.Is(s.err, kind) {
		t.Errorf("the session ended with %v after %v", s.err, heard)
	}
}

// acknowledged waits until a report is in the log, or had nothing to say.
func (s *rawSession) acknowledged(t *testing.T, number uint64) {
	t.Helper()
	testcluster.Eventually(t, "a report to be acknowledged", func() bool {
		for _, m := range s.all() {
			if m.GetReportAcknowledged().GetNumber() == number {
				return true
			}
		}
		return false
	})
}

// heardNothingOf holds that a session was told nothing that is not its own.
func (s *rawSession) heardNothingOf(t *testing.T, words ...string) {
	t.Helper()
	for _, m := range s.all() {
		for _, word := range words {
			if strings.Contains(prototext.Format(m), word) {
				t.Errorf("the session was told %q: %v", word, m)
			}
		}
	}
}

// fetch reads a folder of managed logs.
func (a *rawAgent) fetch(path, grant string) (content []byte, err error) {
	a.t.Helper()
	stream, err := a.FetchLog(testcluster.Within(a.t), &agentv1.FetchLogRequest{Path: path, Grant: grant})
	for err == nil {
		var part *agentv1.FetchLogResponse
		if part, err = stream.Recv(); err == nil {
			content = append(content, part.GetData()...)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return content, grpcerr.FromStatus(err)
}

// store appends to a log file, and returns its size as the server says.
func (a *rawAgent) store(path string, offset int64, data string) (size int64, err error) {
	a.t.Helper()
	answer, err := a.StoreLog(testcluster.Within(a.t), &agentv1.StoreLogRequest{
		Path:   path,
		Offset: offset,
		Data:   []byte(data),
	})
	return answer.GetSize(), grpcerr.FromStatus(err)
}
