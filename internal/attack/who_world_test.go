package attack

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/cli"
	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// whoSecret stands in everything that ann's run has.
const whoSecret = "hunter2-of-ann"

// whoActs does something to a terminal.
const whoActs = "\x1b]0;owned\x07\x1b[2J\u202e"

// whoWorld is a cluster with mutual TLS and signed HTTP. ann is a user with a run that has secrets wherever it takes
// text, on a node that is honest; olga is an operator. eve has a client's certificate and an access key of her own.
type whoWorld struct {
	t       *testing.T
	cluster *testcluster.Cluster

	application, run string
	finish           chan struct{} // has ann's program fail
	last             string        // the kind of the last event of the run
}

func newWhoWorld(t *testing.T) *whoWorld {
	t.Helper()
	// The lease is long: a slow machine is no lost node.
	w := &whoWorld{
		t:       t,
		cluster: startCluster(t, testcluster.Config{TLS: true, HTTP: true, Lease: 30 * time.Second}),
		finish:  make(chan struct{}),
	}
	w.cluster.Node(testcluster.NodeConfig{
		Name: "n1",
		Zone: "a",
		Script: func(*agentv1.AssignedWorker) simnode.Program {
			return simnode.Program{Run: w.program}
		},
	})
	return w
}

// program is ann's: it prints its secret, and fails with it on its lips.
func (w *whoWorld) program(worker *simnode.Worker) simnode.Exit {
	worker.Print("stdout", "the key is "+whoSecret+whoActs+"\n")
	select {
	case <-w.finish:
	case <-worker.Stop:
	}
	return simnode.Exit{Code: 1, Message: "ValueError: " + whoSecret + whoActs}
}

func (w *whoWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// ann, eve and olga are the API of a server to them.
func (w *whoWorld) ann(s *testcluster.Server) *testcluster.Client {
	return w.cluster.As(s, "client", "ann")
}

func (w *whoWorld) eve(s *testcluster.Server) *testcluster.Client {
	return w.cluster.As(s, "client", "eve")
}

func (w *whoWorld) olga(s *testcluster.Server) *testcluster.Client {
	return w.cluster.As(s, "operator", "olga")
}

// forged is a context that says what only servers say to each other: that the call comes from olga.
func (w *whoWorld) forged() context.Context {
	return metadata.AppendToOutgoingContext(
		testcluster.Within(w.t),
		"headrace-forwarded",
		w.cluster.Leader().ID(),
		"headrace-caller",
		"olga",
		"headrace-caller-operator",
		"true",
	)
}

// submits has ann create an application and submit her run.
func (w *whoWorld) submits() {
	w.t.Helper()
	ctx := testcluster.Within(w.t)
	ann := w.ann(w.cluster.Follower())
	monitoring := logsTo("s3://" + whoSecret + "/logs")
	spec := processSpec("reports")
	spec.SetMonitoring(monitoring)
	created, err := ann.CreateApplication(ctx, &controlv1.CreateApplicationRequest{Spec: spec})
	w.must(err)
	w.application = created.GetApplication().GetApplicationId()
	nightly := processRun(specv1.Process_builder{
		Command:     []string{"work", "--key", whoSecret + whoActs},
		DriverSize:  processSize(1000, 2048, 20480),
		Environment: map[string]string{"KEY": whoSecret},
	}.Build())
	nightly.SetName("nightly")
	monitored(nightly, monitoring)
	started, err := ann.StartJobRun(ctx, &controlv1.StartJobRunRequest{ApplicationId: w.application, Spec: nightly})
	w.must(err)
	w.run = started.GetJobRun().GetJobRunId()
	w.awaits("RUNNING")
	w.last = "AttemptRunning"
}

// ends has ann's program fail, and waits until the run is over.
func (w *whoWorld) ends() {
	w.t.Helper()
	close(w.finish)
	w.awaits("FAILED")
	w.last = "JobRunEnded"
}

func (w *whoWorld) awaits(state string) {
	w.t.Helper()
	testcluster.Eventually(w.t, "the run to be "+state+" everywhere", func() bool {
		for _, s := range w.cluster.Servers {
			if w.row(s).GetState() != state {
				return false
			}
		}
		return true
	})
}

// row is ann's run as operators see it on a server.
func (w *whoWorld) row(s *testcluster.Server) *controlv1.JobRun {
	got, err := w.olga(s).GetJobRun(testcluster.Within(w.t), &controlv1.GetJobRunRequest{
		ApplicationId: w.application,
		JobRunId:      w.run,
	})
	if err != nil {
		return nil
	}
	return got.GetJobRun()
}

// picture is all that an operator sees of what users make.
func (w *whoWorld) picture() string {
	w.t.Helper()
	ctx := testcluster.Within(w.t)
	olga := w.olga(w.cluster.Leader())
	var all strings.Builder
	show := func(m proto.Message, err error) {
		w.must(err)
		text, err := protojson.Marshal(m)
		w.must(err)
		all.Write(append(text, '\n'))
	}
	show(strip(olga.ListApplications(ctx, &controlv1.ListApplicationsRequest{})))
	if w.application != "" {
		show(strip(olga.ListJobRuns(ctx, &controlv1.ListJobRunsRequest{ApplicationId: w.application})))
	}
	show(olga.ListReleases(ctx, &controlv1.ListReleasesRequest{}))
	show(strip(olga.ListAccessKeys(ctx, &controlv1.ListAccessKeysRequest{})))
	return all.String()
}

// unmoved holds that the picture is still the same.
func (w *whoWorld) unmoved(before string) {
	w.t.Helper()
	was := strings.Split(before, "\n")
	is := strings.Split(w.picture(), "\n")
	for i := range min(len(was), len(is)) {
		if was[i] != is[i] {
			w.t.Errorf("before\n%.2000s\nafter\n%.2000s", was[i], is[i])
		}
	}
}

// strip takes the position off, which moves on by itself.
func strip[M proto.Message](m M, err error) (M, error) {
	if err == nil {
		m.ProtoReflect().Clear(m.ProtoReflect().Descriptor().Fields().ByName("record"))
	}
	return m, err
}

// told is all that a server tells a client of ann's run, by the call; of what is refused, the error.
func (w *whoWorld) told(ctx context.Context, c *testcluster.Client) map[string]string {
	w.t.Helper()
	told := map[string]string{}
	note := func(name string) func(proto.Message, error) {
		return func(m proto.Message, err error) {
			text, _ := protojson.Marshal(m)
			told[name] = fmt.Sprintf("%s %v", text, err)
		}
	}
	one := &controlv1.GetJobRunRequest{ApplicationId: w.application, JobRunId: w.run}
	note("GetApplication")(c.GetApplication(ctx, &controlv1.GetApplicationRequest{ApplicationId: w.application}))
	note("ListApplications")(c.ListApplications(ctx, &controlv1.ListApplicationsRequest{}))
	note("GetJobRun")(c.GetJobRun(ctx, one))
	note("ListJobRuns")(c.ListJobRuns(ctx, &controlv1.ListJobRunsRequest{ApplicationId: w.application}))
	note("ListJobRunAttempts")(c.ListJobRunAttempts(ctx, &controlv1.ListJobRunAttemptsRequest{
		ApplicationId: w.application,
		JobRunId:      w.run,
	}))
	note("ExplainJobRun")(c.ExplainJobRun(ctx, &controlv1.ExplainJobRunRequest{
		ApplicationId: w.application,
		JobRunId:      w.run,
	}))
	workers, err := c.ListWorkers(ctx, &controlv1.ListWorkersRequest{ApplicationId: w.application, JobRunId: w.run})
	note("ListWorkers")(workers, err)
	for _, worker := range workers.GetWorkers() {
		note("GetWorker")(c.GetWorker(ctx, &controlv1.GetWorkerRequest{WorkerId: worker.GetWorkerId()}))
	}
	note("GetNode")(c.GetNode(ctx, &controlv1.GetNodeRequest{NodeId: "n1"}))
	note("GetJobRunUI")(c.GetJobRunUI(ctx, &controlv1.GetJobRunUIRequest{ApplicationId: w.application, JobRunId: w.run}))
	told["ReadLog"] = w.log(ctx, c)
	told["WatchEvents"] = w.events(ctx, c)
	return told
}

// log is what the log of the driver says.
func (w *whoWorld) log(ctx context.Context, c *testcluster.Client) string {
	w.t.Helper()
	stream, err := c.ReadLog(ctx, &controlv1.ReadLogRequest{
		ApplicationId: w.application,
		JobRunId:      w.run,
		Stream:        "stdout",
	})
	w.must(err)
	var all strings.Builder
	for {
		part, err := stream.Recv()
		if err != nil {
			fmt.Fprintf(&all, " %v", err)
			return all.String()
		}
		all.Write(part.GetData())
	}
}

// events are all that have happened up to the last one of the run.
func (w *whoWorld) events(ctx context.Context, c *testcluster.Client) string {
	w.t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.WatchEvents(ctx, &controlv1.WatchEventsRequest{From: &controlv1.Position{Record: 1}})
	w.must(err)
	var all strings.Builder
	for {
		e, err := stream.Recv()
		w.must(err)
		text, err := protojson.Marshal(e)
		w.must(err)
		all.Write(text)
		if e.GetKind() == w.last && e.GetJobRunId() == w.run {
			return all.String()
		}
	}
}

// httpReader is a user who asks over HTTP and signs with an access key.
type httpReader struct {
	world  *whoWorld
	key    aws.Credentials
	client *http.Client
}

// signs returns a user with a new access key, which counts on every server.
func (w *whoWorld) signs(user string) httpReader {
	w.t.Helper()
	client := w.olga(w.cluster.Leader())
	made, err := client.CreateAccessKey(testcluster.Within(w.t), &controlv1.CreateAccessKeyRequest{User: user})
	w.must(err)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: w.roots(), MinVersion: tls.VersionTLS12}}
	w.t.Cleanup(transport.CloseIdleConnections)
	reader := httpReader{
		world:  w,
		key:    accessKey(made),
		client: &http.Client{Transport: transport},
	}
	for _, server := range w.cluster.Servers {
		testcluster.Eventually(w.t, "the key to count on "+server.ID(), func() bool {
			status, _ := reader.get(server, "/applications")
			return status == http.StatusOK
		})
	}
	return reader
}

// get asks a server. If there was no answer, the status is 0 and the text is the error.
func (h httpReader) get(s *testcluster.Server, path string) (status int, text string) {
	h.world.t.Helper()
	r, err := signed(testcluster.Within(h.world.t), s, h.key, http.MethodGet, path, "", false)
	h.world.must(err)
	r.URL.Scheme = "https"
	answer, err := h.client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(answer.Body)
	h.world.must(err)
	return answer.StatusCode, string(content)
}

func (w *whoWorld) roots() *x509.CertPool {
	content, err := os.ReadFile(filepath.Join(w.cluster.Authority(), "ca.pem"))
	w.must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(content)
	return roots
}

// commands runs a command of the command line as somebody, on a terminal, until the context ends, and returns what
// stands there.
func (w *whoWorld) commands(ctx context.Context, s *testcluster.Server, name string, args ...string) string {
	w.t.Helper()
	var out bytes.Buffer
	files := filepath.Join(w.cluster.Authority(), name)
	settings := map[string]string{
		"HEADRACE_SERVER":        s.Address(),
		"HEADRACE_TLS_CA_FILE":   filepath.Join(w.cluster.Authority(), "ca.pem"),
		"HEADRACE_TLS_CERT_FILE": files + ".pem",
		"HEADRACE_TLS_KEY_FILE":  files + "-key.pem",
	}
	env := cli.Env{
		In:       strings.NewReader(""),
		Out:      &out,
		Err:      &out,
		Terminal: true,
		Screen:   true,
		Colour:   true,
		Now:      time.Now,
		Lookup:   func(name string) (string, bool) { value, is := settings[name]; return value, is },
	}
	root := &cobra.Command{Use: "headrace", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(cli.Commands(env)...)
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&out)
	if err := root.ExecuteContext(ctx); err != nil {
		cli.Report(env, err)
	}
	return out.String()
}

// certificate has the cluster's authority sign what it would refuse to issue: a certificate of a role for any common
// name. It returns the name for As.
func (w *whoWorld) certificate(role, common string) (name string) {
	w.t.Helper()
	dir := w.cluster.Authority()
	ca, err := tls.LoadX509KeyPair(filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca-key.pem"))
	w.must(err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.must(err)
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	w.must(err)
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: common},
		DNSNames:     []string{role},
		NotBefore:    time.Now().Add(-time.Minute),
		NotAfter:     time.Now().Add(time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	leaf, err := x509.CreateCertificate(rand.Reader, template, ca.Leaf, key.Public(), ca.PrivateKey)
	w.must(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	w.must(err)
	name = "crafted-" + serial.String()
	w.must(errors.Join(
		os.WriteFile(filepath.Join(dir, name+".pem"), pem.EncodeToMemory(&pem.Block{
			Type:  "CERTIFICATE",
			Bytes: leaf,
		}), 0o600),
		os.WriteFile(filepath.Join(dir, name+"-key.pem"), pem.EncodeToMemory(&pem.Block{
			Type:  "PRIVATE KEY",
			Bytes: private,
		}), 0o600)))
	return name
}

// uploads sends an archive as a release.
func uploads(
	ctx context.Context,
	c *testcluster.Client,
	header *controlv1.AddReleaseHeader,
	archive []byte,
) (*controlv1.AddReleaseResponse, error) {
	stream, err := c.AddRelease(ctx)
	if err != nil {
		return nil, err
	}
	for _, part := range []*controlv1.AddReleaseRequest{
		{Part: &controlv1.AddReleaseRequest_Header{Header: header}},
		{Part: &controlv1.AddReleaseRequest_Chunk{Chunk: archive}},
	} {
		if err := stream.Send(part); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	return stream.CloseAndRecv()
}
