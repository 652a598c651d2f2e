package agent

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// shownAtOnce is how many histories a node shows.
const shownAtOnce = 2

// showingEngine shows pages: those of a driver are at a port, and those of a history are its event log's files.
type showingEngine struct {
	testEngine
	port int
	err  error
}

func (e *showingEngine) UserInterface(string) (int, error) { return e.port, e.err }

func (e *showingEngine) History(
	_ context.Context,
	_ *agentv1.History,
	_ *runtime.Home,
	events string,
	port int,
) (runtime.Command, error) {
	e.note("history")
	self, err := os.Executable()
	return runtime.Command{Args: []string{self, "history", strconv.Itoa(port), events}}, err
}

// showHistory is what the command runs: a history server that knows one application and shows an event log's files.
func showHistory(port, folder string) error {
	pages := http.NewServeMux()
	pages.HandleFunc("/api/v1/applications", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `[{"id": "r"}]`)
	})
	pages.Handle("/", http.FileServer(http.Dir(folder)))
	return http.ListenAndServe("127.0.0.1:"+port, pages) //nolint:gosec // it is killed
}

// uiStream is the server's end of a Data stream to pages.
type uiStream struct {
	t      *testing.T
	stream agentv1.AgentService_DataServer
	opened *agentv1.UIOpened
	rest   []byte
}

// openPages asks the agent for pages.
func openPages(t *testing.T, s *testServer, wanted *agentv1.OpenUI) *uiStream {
	t.Helper()
	u := &uiStream{t: t, stream: ask(t, s, &agentv1.DataResponse{Message: &agentv1.DataResponse_OpenUi{OpenUi: wanted}})}
	first, err := u.stream.Recv()
	if err != nil || first.GetUiOpened() == nil {
		t.Fatalf("the agent answered %v, %v", first, err)
	}
	u.opened = first.GetUiOpened()
	return u
}

func (u *uiStream) Read(p []byte) (int, error) {
	for len(u.rest) == 0 {
		message, err := u.stream.Recv()
		if err != nil {
			return 0, err
		}
		u.rest = message.GetUiData()
	}
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

// page asks for a page over the stream.
func (u *uiStream) page(path string) string {
	u.t.Helper()
	if u.opened.GetError() != "" {
		u.t.Fatalf("the pages are not there: %s", u.opened.GetError())
	}
	request := []byte("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := u.stream.Send(&agentv1.DataResponse{Message: &agentv1.DataResponse_UiData{UiData: request}}); err != nil {
		u.t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(u), nil)
	if err != nil {
		u.t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		u.t.Fatal(err)
	}
	return string(body)
}

func TestUI_ConnectsToADriver(t *testing.T) {
	large := bytes.Repeat([]byte("x"), 5*(64<<10))
	gone := make(chan struct{}, 1)
	showLarge := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(large) }
	pages := httptest.NewUnstartedServer(http.HandlerFunc(showLarge))
	pages.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			gone <- struct{}{}
		}
	}
	pages.Start()
	t.Cleanup(pages.Close)
	server, _ := serve(t)
	a, _ := run(t, configFor(t, server), Engines{Spark: &showingEngine{port: pages.Listener.Addr().(*net.TCPAddr).Port}})
	receive(t, "a registration", server.registers)
	home, err := a.runtime.MakeHome("w", runtime.HomeOptions{}) // its user is the one that runs this
	if err != nil {
		t.Fatal(err)
	}
	home.Close()
	stream := openPages(t, server, &agentv1.OpenUI{WorkerId: "w"})
	for range 2 {
		if got := stream.page("/jobs/"); got != string(large) {
			t.Fatalf("the page has %d bytes, want %d", len(got), len(large))
		}
	}
	server.endData() // the server has seen enough
	receive(t, "the connection to the pages ended", gone)
}

// A driver says itself where its pages are: what it does not listen at is not asked.
func TestUI_ConnectsToNobodyElse(t *testing.T) {
	asked := make(chan struct{}, 1)
	pages := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked <- struct{}{} }))
	t.Cleanup(pages.Close)
	server, _ := serve(t)
	run(t, configFor(t, server), Engines{Spark: &showingEngine{port: pages.Listener.Addr().(*net.TCPAddr).Port}})
	receive(t, "a registration", server.registers)
	opened := openPages(t, server, &agentv1.OpenUI{WorkerId: "w"}).opened // there is no such worker
	if opened.GetError() == "" || len(asked) > 0 {
		t.Errorf("the agent answered %v, and asked %d times", opened, len(asked))
	}
}

func TestUI_SaysWhyThereIsNothing(t *testing.T) {
	server, _ := serve(t)
	engine := &showingEngine{err: errs.New(errs.Unavailable, "not yet")}
	run(t, configFor(t, server), Engines{Spark: engine})
	receive(t, "a registration", server.registers)
	opened := openPages(t, server, &agentv1.OpenUI{WorkerId: "w"}).opened
	if opened.GetError() != "not yet" || !opened.GetAgain() {
		t.Errorf("%v", opened)
	}
	opened = openPages(t, server, &agentv1.OpenUI{History: eventsAt(t, nil)}).opened
	if !strings.Contains(opened.GetError(), "no event log") || opened.GetAgain() {
		t.Errorf("%v", opened)
	}
}

// eventsAt puts the files of an event log into storage and returns the history of its attempt.
func eventsAt(t *testing.T, files map[string]string) *agentv1.History {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, "applications", name)
		err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600))
		if err != nil {
			t.Fatal(err)
		}
	}
	return &agentv1.History{JobRunId: filepath.Base(dir), Attempt: 1, LogUri: "file://" + dir, Folder: "applications"}
}

func TestUI_ShowsAHistoryWhileSomebodyLooks(t *testing.T) {
	server, _ := serve(t)
	engine, config := &showingEngine{}, configFor(t, server)
	run(t, config, Engines{Spark: engine})
	receive(t, "a registration", server.registers)
	history := eventsAt(t, map[string]string{"eventlog_v2_r_1/events_1_r_1": "one\n"})
	for range 2 {
		got := openPages(t, server, &agentv1.OpenUI{History: history}).page("/eventlog_v2_r_1/events_1_r_1")
		if got != "one\n" {
			t.Errorf("the event log is %q", got)
		}
	}
	if engine.noted() != "history" {
		t.Errorf("two who looked at one history needed %q", engine.noted())
	}
	mark := openPages(t, server, &agentv1.OpenUI{History: history}).page("/eventlog_v2_r_1/")
	if !strings.Contains(mark, "appstatus_r_1.inprogress") {
		t.Errorf("an event log without a mark, which nobody reads, got none: %s", mark)
	}
	for range shownAtOnce - 1 {
		openPages(t, server, &agentv1.OpenUI{History: eventsAt(t, map[string]string{"r": "one\n"})}).page("/r")
	}
	full := openPages(t, server, &agentv1.OpenUI{History: eventsAt(t, map[string]string{"r": "one\n"})}).opened
	if !full.GetAgain() || !strings.Contains(full.GetError(), "limit") {
		t.Errorf("one more than a node shows: %v", full)
	}
	server.endData()
	eventually(t, "one that nobody looks at any more makes room", func() bool {
		history := eventsAt(t, map[string]string{"r": "one\n"})
		return openPages(t, server, &agentv1.OpenUI{History: history}).opened.GetError() == ""
	})
}

func TestUI_ShowsABoundedNumberOfFilesOfAnEventLog(t *testing.T) {
	server, _ := serve(t)
	run(t, configFor(t, server), Engines{Spark: &showingEngine{}})
	receive(t, "a registration", server.registers)
	files := map[string]string{}
	for i := range 10_000 {
		files["eventlog_v2_r_1/events_"+strconv.Itoa(i+1)+"_r_1"] = ""
	}
	opened := openPages(t, server, &agentv1.OpenUI{History: eventsAt(t, files)}).opened
	if !strings.Contains(opened.GetNote(), "in 10000 files; shown are the first file and the newest 8999") {
		t.Errorf("%v", opened)
	}
}
