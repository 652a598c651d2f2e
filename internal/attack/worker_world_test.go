package attack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/internal/authority"
	"github.com/headrace/headrace/internal/mtls"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// workerWorld is one machine with a server and an agent, which are real processes with their own data and certificates,
// in a network of the test's own. eve and bob have certificates of clients, and run programs on it.
type workerWorld struct {
	t     *testing.T
	dir   string // of everything; only the machine's root looks in
	agent *process

	eve, bob *tenant
}

// tenant is a user with an application.
type tenant struct {
	world *workerWorld
	name  string
	controlv1.ApplicationServiceClient
	controlv1.JobRunServiceClient
	controlv1.NodeServiceClient

	process string // an application of the engine PROCESS
}

// workerGroup is the group of all workers, which share what they write in the shared directory.
const workerGroup = 2_999_999_998

// The ports of the server.
const (
	httpPort = 7400 + iota
	grpcPort
	raftPort
	gossipPort
)

func newWorkerWorld(t *testing.T, change func(*workerWorld, *config.Agent)) *workerWorld {
	t.Helper()
	w := &workerWorld{t: t, dir: newRoot(t)}
	w.must(
		os.Mkdir(w.path("shared"), 0o700),
		os.Chown(w.path("shared"), 0, workerGroup),
		os.Chmod(w.path("shared"), 0o777|os.ModeSetgid),
	)
	w.certificates()
	w.run("keyring", "create", w.path("keyring"))
	w.start("server", w.server())
	settings := w.agentSettings()
	if change != nil {
		change(w, &settings)
	}
	w.agent = w.start("agent", settings)
	w.eve = w.tenant("eve")
	w.bob = w.tenant("bob")
	w.await("the node is ready", time.Minute, func() error {
		nodes, err := w.eve.ListNodes(t.Context(), &controlv1.ListNodesRequest{})
		if err == nil && (len(nodes.GetNodes()) != 1 || nodes.GetNodes()[0].GetState() != "READY") {
			err = fmt.Errorf("nodes %v", nodes)
		}
		return err
	})
	for _, who := range []*tenant{w.eve, w.bob} {
		who.process = who.application(specv1.Engine_ENGINE_PROCESS, "")
	}
	return w
}

// newRoot makes a directory in which only root looks, and removes it at the end.
func newRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hr-attack-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (w *workerWorld) path(parts ...string) string {
	return filepath.Join(append([]string{w.dir}, parts...)...)
}

// shared returns paths that workers see.
func (w *workerWorld) shared(parts ...string) string {
	return w.path(append([]string{"shared"}, parts...)...)
}

func (w *workerWorld) must(failures ...error) {
	w.t.Helper()
	if err := errors.Join(failures...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *workerWorld) await(what string, within time.Duration, condition func() error) {
	w.t.Helper()
	limit := time.NewTimer(within)
	defer limit.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := condition()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-limit.C:
			w.t.Fatalf("%s: not within %s: %v", what, within, err)
		}
	}
}

func (w *workerWorld) certificates() {
	w.t.Helper()
	w.must(authority.CreateAuthority(w.path("ca")))
	for name, role := range map[string]string{"server": "server", "node-1": "agent", "eve": "client", "bob": "client"} {
		request := authority.Request{Role: role, Name: name, Out: w.path("ca", name)}
		if role == "server" {
			request.Hosts = []string{"127.0.0.1"}
		}
		w.must(authority.Issue(w.path("ca"), request))
	}
}

func (w *workerWorld) tls(name string) config.TLS {
	return config.TLS{
		CAFile:   w.path("ca", "ca.pem"),
		CertFile: w.path("ca", name+".pem"),
		KeyFile:  w.path("ca", name+"-key.pem"),
	}
}

func (w *workerWorld) server() config.Server {
	s := config.DefaultServer()
	s.ServerID = "server"
	s.DataDir = w.path("server")
	s.KeyringFile = w.path("keyring")
	s.TLS = w.tls("server")
	s.HTTPAddress = address(httpPort)
	s.GRPCAddress = address(grpcPort)
	s.RaftAddress = address(raftPort)
	s.GossipAddress = address(gossipPort)
	s.Lease = 4 * time.Second
	s.SharedDirectories = []string{w.shared()}
	return s
}

func (w *workerWorld) agentSettings() config.Agent {
	a := config.DefaultAgent()
	a.DataDir = w.path("agent")
	a.Zone = "a"
	a.TLS = w.tls("node-1")
	a.Servers = []string{address(grpcPort)}
	a.Capacity = config.Capacity{CPU: 64_000, Memory: 64 << 10, Disk: 400 << 10}
	a.SharedDirectories = []string{w.shared()}
	a.Cgroup = filepath.Base(w.dir)
	a.WorkerGroup = fmt.Sprint(workerGroup)
	a.StopWorkersOnExit = true
	a.ClassData = false
	a.DiskFullPercent = 100
	return a
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", fmt.Sprint(port)) }

// start starts a server or an agent, which is stopped at the end.
func (w *workerWorld) start(role string, settings any) *process {
	w.t.Helper()
	content, err := yaml.Marshal(settings)
	w.must(err, os.WriteFile(w.path(role+".yaml"), content, 0o600))
	return w.spawn(role)
}

// spawn starts one that was started before.
func (w *workerWorld) spawn(role string) *process {
	w.t.Helper()
	p, err := spawn(w.dir, role, role)
	w.must(err)
	w.t.Cleanup(func() {
		_ = p.stop() // some were killed
		if w.t.Failed() {
			w.t.Logf("the %s: %v", role, p.said(errors.New("it is stopped")))
		}
	})
	return p
}

// run runs a command.
func (w *workerWorld) run(args ...string) {
	w.t.Helper()
	if said, err := exec.CommandContext(w.t.Context(), os.Getenv(binaryVariable), args...).CombinedOutput(); err != nil {
		w.t.Fatalf("headrace %v: %v\n%s", args, err, said)
	}
}

func (w *workerWorld) tenant(name string) *tenant {
	w.t.Helper()
	files := mtls.Files{CA: w.path("ca", "ca.pem"), Cert: w.path("ca", name+".pem"), Key: w.path("ca", name+"-key.pem")}
	secure, err := files.Dial()
	w.must(err)
	conn, err := grpc.NewClient(address(grpcPort), grpc.WithTransportCredentials(credentials.NewTLS(secure)))
	w.must(err)
	w.t.Cleanup(func() { _ = conn.Close() })
	return &tenant{
		w,
		name,
		controlv1.NewApplicationServiceClient(conn),
		controlv1.NewJobRunServiceClient(conn),
		controlv1.NewNodeServiceClient(conn),
		"",
	}
}

// application creates an application.
func (u *tenant) application(engine specv1.Engine, release string) string {
	u.world.t.Helper()
	created, err := u.CreateApplication(u.world.t.Context(), &controlv1.CreateApplicationRequest{
		Spec: applicationSpec(u.name, engine, release),
	})
	u.world.must(err)
	return created.GetApplication().GetApplicationId()
}

// submit submits a run that was asked for.
func (u *tenant) submit(request *controlv1.StartJobRunRequest) *controlv1.JobRun {
	u.world.t.Helper()
	started, err := u.StartJobRun(u.world.t.Context(), request)
	u.world.must(err)
	return started.GetJobRun()
}

// script is a request for a run of a shell's script.
func (u *tenant) script(text string) *controlv1.StartJobRunRequest {
	spec := processRun(specv1.Process_builder{
		Command:    []string{"/bin/bash", "-c", text},
		DriverSize: processSize(1000, 1024, 1024),
	}.Build())
	spec.SetName(u.name)
	return &controlv1.StartJobRunRequest{ApplicationId: u.process, Spec: spec}
}

// get returns a run as it is.
func (u *tenant) get(run *controlv1.JobRun) *controlv1.JobRun {
	u.world.t.Helper()
	got, err := u.GetJobRun(u.world.t.Context(), &controlv1.GetJobRunRequest{
		ApplicationId: run.GetApplicationId(),
		JobRunId:      run.GetJobRunId(),
	})
	u.world.must(err)
	return got.GetJobRun()
}

// ends waits until a run is over, and returns it with what its driver wrote.
func (u *tenant) ends(run *controlv1.JobRun) (last *controlv1.JobRun, said string) {
	u.world.t.Helper()
	return u.over(run), u.log(run, "stdout") + u.log(run, "stderr")
}

// over waits until a run is over, and returns it.
func (u *tenant) over(run *controlv1.JobRun) (last *controlv1.JobRun) {
	u.world.t.Helper()
	u.world.await(u.name+"'s run is over", 3*time.Minute, func() error {
		if last = u.get(run); last.GetEndedAt() == nil {
			why, _ := u.ExplainJobRun(u.world.t.Context(), &controlv1.ExplainJobRunRequest{
				ApplicationId: run.GetApplicationId(),
				JobRunId:      run.GetJobRunId(),
			})
			return fmt.Errorf("it is %s: %s %v", last.GetState(), last.GetStateDetails(), why)
		}
		return nil
	})
	return last
}

// cancels cancels a run, which runs or has failed, and waits until it is over.
func (u *tenant) cancels(run *controlv1.JobRun) {
	u.world.t.Helper()
	_, err := u.CancelJobRun(u.world.t.Context(), &controlv1.CancelJobRunRequest{
		ApplicationId: run.GetApplicationId(),
		JobRunId:      run.GetJobRunId(),
	})
	if last, _ := u.ends(run); last.GetState() != "CANCELLED" && last.GetState() != "FAILED" {
		u.world.t.Errorf("%s's run is %s after its cancel: %v", u.name, last.GetState(), err)
	}
}

// succeeds waits until a run is over, and holds that it went well.
func (u *tenant) succeeds(run *controlv1.JobRun) string {
	u.world.t.Helper()
	last, said := u.ends(run)
	if last.GetState() != "SUCCESS" {
		u.world.t.Errorf("%s's run ended %s: %s\n%s", u.name, last.GetState(), last.GetStateDetails(), said)
	}
	return said
}

// runs runs a script and returns what it wrote; it has to succeed, so that attacks that are not even made are noticed.
func (u *tenant) runs(text string) string {
	u.world.t.Helper()
	return u.succeeds(u.submit(u.script(text)))
}

func (u *tenant) log(run *controlv1.JobRun, stream string) (text string) {
	u.world.t.Helper()
	ctx, cancel := context.WithTimeout(u.world.t.Context(), time.Minute)
	defer cancel()
	reading, err := u.ReadLog(ctx, &controlv1.ReadLogRequest{
		ApplicationId: run.GetApplicationId(),
		JobRunId:      run.GetJobRunId(),
		Stream:        stream,
	})
	u.world.must(err)
	for {
		part, err := reading.Recv()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				text += "(" + err.Error() + ")"
			}
			return text
		}
		text += string(part.GetData())
	}
}

// says waits until a driver that runs has written something.
func (u *tenant) says(run *controlv1.JobRun, word string) (said string) {
	u.world.t.Helper()
	u.world.await(u.name+"'s program says "+word, 3*time.Minute, func() error {
		if said = u.log(run, "stdout"); !strings.Contains(said, word) {
			return fmt.Errorf("it said %q, and its run is %v", said, u.get(run))
		}
		return nil
	})
	return said
}

// open makes a file that a program waits for.
func (w *workerWorld) open(name string) {
	w.t.Helper()
	w.must(os.WriteFile(w.shared(name), nil, 0o644)) //nolint:gosec // workers look for it
}

// workerProcesses returns the processes of a run's workers, shims excepted, by what /proc says to root.
func (w *workerWorld) workerProcesses(run *controlv1.JobRun) (pids []int) {
	environments, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range environments {
		content, _ := os.ReadFile(path)
		var pid int
		if strings.Contains(string(content), "HEADRACE_JOB_RUN_ID="+run.GetJobRunId()) {
			_, _ = fmt.Sscanf(path, "/proc/%d/environ", &pid)
			pids = append(pids, pid)
		}
	}
	return pids
}
