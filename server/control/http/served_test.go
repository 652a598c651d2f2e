package http_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	nethttp "net/http"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server"
)

// served is a cluster with its HTTP API.
type served struct {
	t       *testing.T
	cluster *testcluster.Cluster
	client  *nethttp.Client
}

func serve(t *testing.T, servers int) *served {
	t.Helper()
	s := &served{
		t:       t,
		cluster: testcluster.Start(t, testcluster.Config{Servers: servers, HTTP: true, Adjust: anySignature}),
		client: &nethttp.Client{
			CheckRedirect: func(r *nethttp.Request, _ []*nethttp.Request) error {
				return fmt.Errorf("a redirect to %s", r.URL)
			},
		},
	}
	t.Cleanup(s.client.CloseIdleConnections)
	s.await()
	return s
}

// anySignature lets everybody in: signatures have tests of their own.
func anySignature(c *server.Config) { c.AnySignature = true }

// await waits until every server answers.
func (s *served) await() {
	s.t.Helper()
	for i := range s.cluster.Servers {
		testcluster.Eventually(s.t, "HTTP", func() bool {
			r, err := s.client.Get(s.at(i) + "/healthz")
			if err != nil {
				return false
			}
			defer r.Body.Close()
			return r.StatusCode == nethttp.StatusOK
		})
	}
}

// at is the URL of a server.
func (s *served) at(i int) string { return "http://" + s.cluster.Servers[i].HTTPAddress() }

// answer is what came back.
type answer struct {
	status int
	header nethttp.Header
	body   string
}

// decoded reads the body.
func (a answer) decoded() map[string]any {
	var m map[string]any
	_ = json.Unmarshal([]byte(a.body), &m)
	return m
}

// get returns a value by its path.
func (a answer) get(path ...string) any {
	var v any = a.decoded()
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func (a answer) text(path ...string) string { s, _ := a.get(path...).(string); return s }

// ask sends a request to the first server.
func (s *served) ask(method, path string, body string) answer {
	s.t.Helper()
	return s.askAt(0, method, path, body)
}

func (s *served) askAt(server int, method, path string, body string) answer {
	s.t.Helper()
	r, err := nethttp.NewRequestWithContext(
		testcluster.Within(s.t),
		method,
		s.at(server)+path,
		bytes.NewReader([]byte(body)),
	)
	must(s.t, err)
	return s.send(r)
}

func (s *served) send(r *nethttp.Request) answer {
	s.t.Helper()
	got, err := s.client.Do(r)
	must(s.t, err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	must(s.t, err)
	if got.Header.Get("x-amzn-RequestId") == "" || got.Header.Get("Date") == "" ||
		got.Header.Get("Content-Type") != "application/json" {
		s.t.Errorf("%s %s: the header lacks something: %v", r.Method, r.URL, got.Header)
	}
	return answer{got.StatusCode, got.Header, string(text)}
}

// ok sends a request that has to succeed.
func (s *served) ok(method, path, body string) answer {
	s.t.Helper()
	a := s.ask(method, path, body)
	if a.status != nethttp.StatusOK {
		s.t.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
	}
	return a
}

// refused sends a request that has to fail so, with a message that has all the words.
func (s *served) refused(method, path, body string, status int, kind string, words ...string) {
	s.t.Helper()
	a := s.ask(method, path, body)
	if a.status != status || a.header.Get("x-amzn-errortype") != kind || a.text("message") == "" {
		s.t.Errorf(
			"%s %s %.200s: %d %s %s, want %d %s",
			method,
			path,
			body,
			a.status,
			a.header.Get("x-amzn-errortype"),
			a.body,
			status,
			kind,
		)
	}
	for _, word := range words {
		if !strings.Contains(a.text("message"), word) {
			s.t.Errorf("%s %s %.200s: the message %q lacks %q", method, path, body, a.text("message"), word)
		}
	}
}

const aRole = `"executionRoleArn":"arn:aws:iam::123456789012:role/r"`

// token makes the member of a client token that nobody has.
func token() string { return `"clientToken":"` + rand.Text() + `"` }

// application creates one with more members.
func (s *served) application(more string) string {
	s.t.Helper()
	return s.ok("POST", "/applications", `{"releaseLabel":"emr-7.2.0","type":"SPARK",`+token()+more+`}`).
		text("applicationId")
}

// run starts a run.
func (s *served) run(application, more string) string {
	s.t.Helper()
	body := `{` + token() + `,` + aRole + `,"jobDriver":{"sparkSubmit":{"entryPoint":"s3://b/x.py"}}` + more + `}`
	return s.ok("POST", "/applications/"+application+"/jobruns", body).text("jobRunId")
}

// state is that of an application.
func (s *served) state(application string) string {
	s.t.Helper()
	return s.ok("GET", "/applications/"+application, "").text("application", "state")
}

func (s *served) native() (*testcluster.Client, context.Context) {
	return s.cluster.Servers[0].Client(), testcluster.Within(s.t)
}

// cancelAll cancels all runs of an application through the native API.
func (s *served) cancelAll(application string) {
	s.t.Helper()
	client, ctx := s.native()
	_, err := client.StopApplication(ctx, &controlv1.StopApplicationRequest{ApplicationId: application, Force: true})
	must(s.t, err)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
