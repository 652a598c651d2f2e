package ui

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/pages"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/dispatch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeCluster is a cluster whose only agent connects to an HTTP server.
type fakeCluster struct {
	view    *state.View
	address string               // of the pages
	refuses *agentv1.UIOpened    // nil: it connects
	note    string               // what it says of its pages
	asked   chan *agentv1.OpenUI // what it was asked
	nodes   chan string          // where
	ended   chan struct{}        // gets a value when a stream has ended
}

func (f *fakeCluster) ViewOf(context.Context, string) (*state.View, error) { return f.view, nil }

func (f *fakeCluster) View(context.Context, bool) (*state.View, error) { return f.view, nil }

func (f *fakeCluster) Log(_ context.Context, log *controlv1.ReadLogRequest, take func([]byte) error) error {
	if log.GetWorkerNumber() == 9 {
		return errs.New(errs.NotFound, "there is no worker 9")
	}
	text := fmt.Sprintf("%s of worker %d in attempt %d\n", log.GetStream(), log.GetWorkerNumber(), log.GetAttempt())
	return errors.Join(take([]byte(text[:3])), take([]byte(text[3:])))
}

func (f *fakeCluster) Data(ctx context.Context, node string, use func(dispatch.DataStream) error) error {
	stream := &fakeStream{
		ctx:      ctx,
		toAgent:  make(chan *agentv1.DataResponse),
		toServer: make(chan *agentv1.DataRequest),
	}
	agent := make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	stream.ctx = ctx
	go func() { defer close(agent); f.serve(stream, node) }()
	err := use(stream)
	cancel()
	<-agent
	f.ended <- struct{}{}
	return err
}

// serve is the agent.
func (f *fakeCluster) serve(s *fakeStream, node string) {
	select {
	case asked := <-s.toAgent:
		f.asked <- asked.GetOpenUi()
		f.nodes <- node
	case <-s.ctx.Done():
		return
	}
	if f.refuses != nil {
		s.answer(&agentv1.DataRequest{Message: &agentv1.DataRequest_UiOpened{UiOpened: f.refuses}})
		return
	}
	conn, err := net.Dial("tcp", f.address)
	if err != nil {
		panic(err)
	}
	s.answer(&agentv1.DataRequest{Message: &agentv1.DataRequest_UiOpened{
		UiOpened: &agentv1.UIOpened{Note: f.note},
	}})
	defer context.AfterFunc(s.ctx, func() { _ = conn.Close() })()
	wrote := make(chan struct{})
	go func() {
		defer close(wrote)
		for {
			select {
			case m := <-s.toAgent:
				_, _ = conn.Write(m.GetUiData())
			case <-s.ctx.Done():
				return
			}
		}
	}()
	for {
		part := make([]byte, 100)
		n, err := conn.Read(part)
		if err != nil {
			break
		}
		s.answer(&agentv1.DataRequest{Message: &agentv1.DataRequest_UiData{UiData: part[:n]}})
	}
	<-wrote
}

// fakeStream is a Data stream in memory.
type fakeStream struct {
	dispatch.DataStream
	ctx      context.Context
	toAgent  chan *agentv1.DataResponse
	toServer chan *agentv1.DataRequest
}

func (s *fakeStream) Send(m *agentv1.DataResponse) error {
	select {
	case s.toAgent <- proto.CloneOf(m): // as gRPC: the sender may change it afterwards
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

func (s *fakeStream) Recv() (*agentv1.DataRequest, error) {
	select {
	case m := <-s.toServer:
		return m, nil
	case <-s.ctx.Done():
		return nil, io.EOF
	}
}

func (s *fakeStream) answer(m *agentv1.DataRequest) {
	select {
	case s.toServer <- m:
	case <-s.ctx.Done():
	}
}

// showing runs pages and a Handler in front of them, and returns the address below which people see them.
func showing(t *testing.T, s seen, serve http.HandlerFunc) (*fakeCluster, *http.Client, string) {
	t.Helper()
	spark := httptest.NewServer(serve)
	cluster := &fakeCluster{
		view:    s.view(),
		address: spark.Listener.Addr().String(),
		asked:   make(chan *agentv1.OpenUI, 100),
		nodes:   make(chan string, 100),
		ended:   make(chan struct{}, 100),
	}
	handler := New(Config{
		Links:   links,
		Cluster: cluster,
		Managed: dispatch.OnServers,
		Log:     slog.New(slog.DiscardHandler),
		Token:   func(run string, attempt uint32) string { return fmt.Sprintf("token of %s/%d", run, attempt) },
	})
	front := httptest.NewServer(handler)
	client := &http.Client{
		Transport:     &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(func() { client.CloseIdleConnections(); front.Close(); handler.Close(); spark.Close() })
	return cluster, client, front.URL + "/ui/" + tokenOf(t, links, shown, time.Now())
}

func get(t *testing.T, client *http.Client, method, url string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Cookie", "session=mine")
	request.Header.Set("Authorization", "Bearer mine")
	request.Header.Set("Accept", "text/html")
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func running() seen {
	s := newSeen()
	s.driver = state.WorkerRunning
	return s
}

func TestHandler_ShowsPagesButGivesNothingAway(t *testing.T) {
	cluster, client, base := showing(t, running(), func(w http.ResponseWriter, r *http.Request) {
		if shown := r.Header.Get(pages.Header); shown != "token of run/3" {
			t.Errorf("the pages are shown the token %q", shown)
		}
		for _, secret := range []string{"Cookie", "Authorization", "Referer"} {
			if r.Header.Get(secret) != "" {
				t.Errorf("the pages get %s", secret)
			}
		}
		w.Header().Set("Set-Cookie", "stolen=1")
		w.Header().Set("Content-Security-Policy", "none of it")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w,
			"<html><head><title>%s</title></head>%s %s %s</html>",
			r.Header.Get("X-Forwarded-Context"), r.Method, r.URL.Path, r.URL.RawQuery)
	})
	answer, body := get(t, client, http.MethodGet, base+"/stages/stage/?id=7&attempt=0")
	path := base[strings.Index(base, "/ui/"):]
	if answer.StatusCode != http.StatusOK || !strings.Contains(body, "<title>"+path+"</title>") ||
		!strings.Contains(body, "GET /stages/stage/ id=7&attempt=0") {
		t.Errorf("%d %s", answer.StatusCode, body)
	}
	if !strings.HasPrefix(body, "<html><head><script>") {
		t.Errorf("the page has no storage: %s", body)
	}
	if csp := answer.Header.Values("Content-Security-Policy"); len(csp) != 1 ||
		!strings.HasPrefix(csp[0], "sandbox ") ||
		strings.Contains(csp[0], "same-origin") {
		t.Errorf("the pages may act as who looks: %q", csp)
	}
	if len(answer.Header.Values("Set-Cookie")) != 0 {
		t.Error("the pages may set cookies")
	}
	if asked := <-cluster.asked; asked.GetWorkerId() != "w1" {
		t.Errorf("it asked for %v", asked)
	}
	get(t, client, http.MethodGet, base+"/jobs/")
	if len(cluster.asked) != 0 {
		t.Error("the second page needed a second connection")
	}
}

func TestHandler_LetsPeopleOnlyLook(t *testing.T) {
	_, client, base := showing(t, running(), func(http.ResponseWriter, *http.Request) { t.Error("it was passed on") })
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch} {
		answer, _ := get(t, client, method, base+"/jobs/job/kill/?id=1")
		if answer.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s gave %d", method, answer.StatusCode)
		}
	}
	answer, _ := get(t, client, http.MethodOptions, base+"/api/v1/applications")
	if answer.StatusCode != http.StatusNoContent || answer.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("a script that asks whether it may read: %d %v", answer.StatusCode, answer.Header)
	}
}

func TestHandler_KeepsRedirectsBelowTheLink(t *testing.T) {
	_, client, base := showing(t, running(), func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://driver-w1:4040"+r.URL.Query().Get("to"), http.StatusFound)
	})
	path := base[strings.Index(base, "/ui/"):]
	for to, want := range map[string]string{
		"/jobs/":          path + "/jobs/",
		path + "/stages/": path + "/stages/",
		"/a?b=c":          path + "/a?b=c",
	} {
		answer, _ := get(t, client, http.MethodGet, base+"/x?to="+strings.ReplaceAll(to, "?", "%3F"))
		if got := answer.Header.Get("Location"); got != want {
			t.Errorf("%s leads to %s, not %s", to, got, want)
		}
	}
	if answer, _ := get(t, client, http.MethodGet, base); answer.Header.Get("Location") != path+"/" {
		t.Errorf("the link leads to %s", answer.Header.Get("Location"))
	}
	if answer, _ := get(t, client, http.MethodGet, base+"/"); answer.Header.Get("Location") != path+"/jobs/" {
		t.Errorf("the first page is %s", answer.Header.Get("Location"))
	}
}

// What a node has people know of a history stands above its pages, whichever connection brings them; it is a text, and
// what else a page's program asks for is as it was.
func TestA10_PagesSayWhatIsNotShown(t *testing.T) {
	s := running()
	s.driver = state.WorkerEnded
	s.attempt = state.AttemptSucceeded
	cluster, client, base := showing(t, s, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.URL.Query().Get("type"))
		_, _ = io.WriteString(w, "<html><head></head><body></body></html>")
	})
	cluster.note = `not "whole" </script><script>alert(1)</script>`
	want := `textContent="not \"whole\" \u003c/script\u003e\u003cscript\u003ealert(1)\u003c/script\u003e"`
	for range 2 {
		_, body := get(t, client, http.MethodGet, base+"/history/run/3/jobs/?type=text/html")
		if !strings.Contains(body, want) {
			t.Errorf("the page is %s", body)
		}
	}
	if _, body := get(t, client, http.MethodGet, base+"/api/v1/x?type=application/json"); strings.Contains(body, "whole") {
		t.Errorf("the answer is %s", body)
	}
}

func TestHandler_RefusesWrongTokens(t *testing.T) {
	_, client, base := showing(t, running(), func(http.ResponseWriter, *http.Request) { t.Error("it was passed on") })
	answer, body := get(t, client, http.MethodGet, base[:len(base)-1]+"/jobs/")
	if answer.StatusCode != http.StatusForbidden || !strings.Contains(body, "signature") {
		t.Errorf("%d %s", answer.StatusCode, body)
	}
}

// A history is asked of the next node when one cannot show it, and a page that is not there yet asks again by itself.
func TestHandler_AsksOtherNodesForAHistory(t *testing.T) {
	s := running()
	s.driver = state.WorkerEnded
	s.attempt = state.AttemptSucceeded
	cluster, client, base := showing(t, s, nil)
	cluster.refuses = &agentv1.UIOpened{Error: "it is <full>", Again: true}
	answer, body := get(t, client, http.MethodGet, base+"/history/run/3/jobs/")
	if answer.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, `http-equiv="refresh"`) ||
		!strings.Contains(body, "it is &lt;full&gt;") {
		t.Errorf("%d %s", answer.StatusCode, body)
	}
	if len(cluster.nodes) != maxTries {
		t.Errorf("%d nodes were asked, want %d", len(cluster.nodes), maxTries)
	}
	cluster.refuses = &agentv1.UIOpened{Error: "there is no event log"}
	answer, body = get(t, client, http.MethodGet, base+"/history/run/3/jobs/")
	if answer.StatusCode != http.StatusConflict || strings.Contains(body, "refresh") ||
		!strings.Contains(body, "no event log") {
		t.Errorf("%d %s", answer.StatusCode, body)
	}
}

// A page that cannot come asks a while, then says why there is nothing, and stops. What counts its asks is not Spark's.
func TestB_APageThatCannotComeStopsAsking(t *testing.T) {
	var passed []string
	s := running()
	s.driver = state.WorkerEnded
	s.attempt = state.AttemptSucceeded
	cluster, client, base := showing(t, s, func(_ http.ResponseWriter, r *http.Request) {
		passed = append(passed, r.URL.RawQuery)
	})
	cluster.refuses = &agentv1.UIOpened{Error: "it is broken", Again: true}
	const before = maxAsks - 3
	address := base + fmt.Sprintf("/history/run/3/jobs/?id=7&%s=%d", asksParameter, before)
	refresh := regexp.MustCompile(`http-equiv="refresh" content="2;url=([^"]*)"`)
	asks := before
	for {
		answer, body := get(t, client, http.MethodGet, address)
		if answer.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, "it is broken") {
			t.Fatalf("%d %s", answer.StatusCode, body)
		}
		next := refresh.FindStringSubmatch(body)
		if next == nil {
			if asks != maxAsks || !strings.Contains(body, "5m0s") {
				t.Errorf("after %d asks the page says %s", asks, body)
			}
			break
		}
		address = base + "/history/run/3/jobs/" + html.UnescapeString(next[1])
		asks++
	}
	cluster.refuses = nil
	if answer, _ := get(t, client, http.MethodGet, address); answer.StatusCode != http.StatusOK {
		t.Errorf("a page that comes after all has status %d", answer.StatusCode)
	}
	if len(passed) != 1 || passed[0] != "id=7" {
		t.Errorf("Spark was asked with the parameters %q", passed)
	}
}

func TestHandler_EndsItsConnections(t *testing.T) {
	cluster, client, base := showing(
		t, running(), func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") },
	)
	get(t, client, http.MethodGet, base+"/jobs/")
	select {
	case <-cluster.ended:
		t.Error("the connection ended with its request")
	default:
	}
	// That it ends with the Handler, goleak sees.
}
