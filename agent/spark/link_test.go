package spark

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/seldom"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// peer is a driver's side of a socket.
type peer struct {
	t     *testing.T
	conn  net.Conn
	lines *bufio.Scanner
}

func call(t *testing.T, path, token string) *peer {
	t.Helper()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	p := &peer{t: t, conn: conn, lines: bufio.NewScanner(conn)}
	p.say(`{"hello":"` + token + `"}`)
	return p
}

func (p *peer) say(line string) {
	p.t.Helper()
	if _, err := p.conn.Write([]byte(line + "\n")); err != nil {
		p.t.Fatal(err)
	}
}

// hear returns the executor whose end is told next; what is told of a shortage before is passed over.
func (p *peer) hear() uint32 {
	p.t.Helper()
	for p.lines.Scan() {
		var e end
		if err := json.Unmarshal(p.lines.Bytes(), &e); err != nil {
			p.t.Fatal(err)
		}
		if e.Ended != 0 {
			return e.Ended
		}
	}
	p.t.Fatalf("the connection ended: %v", p.lines.Err())
	return 0
}

// attached returns an engine with a driver's socket, and where its demands arrive.
func attached(t *testing.T, dir string) (*Engine, *agentv1.AssignedWorker, chan *agentv1.Demand) {
	t.Helper()
	demands := make(chan *agentv1.Demand, 16)
	python := filepath.Join(t.TempDir(), "python3")
	runnable(t, python, pythonSays("3.11.7", python))
	e := New(Config{
		Store: release.NewStore(release.StoreConfig{Roots: []string{t.TempDir()}}), Host: "127.0.0.1",
		SocketDir: t.TempDir(), Python: python, OnDemand: func(d *agentv1.Demand) { demands <- d },
	})
	w := assignment("x.py", map[string]string{"spark.archives": "local:///opt/data.zip#data,/other.zip"})
	w.EndedPeers = []*agentv1.EndedPeer{{Number: 1, Code: 137, Message: "lost"}}
	if err := e.Attach(w, homeIn(t, dir)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e, w, demands
}

// socketIn returns the path of the socket of the driver whose home is in a directory.
func socketIn(e *Engine, dir string) string {
	return e.socketSeen(&runtime.Home{SocketsSeen: filepath.Join(dir, "homes", "w", "sockets")}, agentSocket)
}

func TestLink_TellsEveryEndOncePerConnection(t *testing.T) {
	dir := t.TempDir()
	e, w, _ := attached(t, dir)
	first := call(t, socketIn(e, dir), token(w))
	if got := first.hear(); got != 1 {
		t.Errorf("executor %d told, want 1", got)
	}
	w = proto.CloneOf(w)
	w.EndedPeers = append(w.EndedPeers, &agentv1.EndedPeer{Number: 2})
	e.Update(w)
	if got := first.hear(); got != 2 {
		t.Errorf("executor %d told, want 2", got)
	}
	second := call(t, socketIn(e, dir), token(w))
	if a, b := second.hear(), second.hear(); a != 1 || b != 2 {
		t.Errorf("a new connection was told %d, %d", a, b)
	}
}

func TestLink_PassesOnWhatTheDriverWants(t *testing.T) {
	dir := t.TempDir()
	e, w, demands := attached(t, dir)
	p := call(t, socketIn(e, dir), token(w))
	p.say(`{"target":3,"stop":[4],"driver_url":"spark://x@h:1","application_id":"run-1",` +
		`"properties":{"spark.rpc.a":"b"},"later":1}`)
	want := &agentv1.Demand{JobRunId: "run-1", Attempt: 1, Target: 3, Stop: []uint32{4}, Launch: &agentv1.ExecutorLaunch{
		DriverUrl:          "spark://x@h:1",
		SparkApplicationId: "run-1",
		Properties: map[string]string{
			"spark.rpc.a":   "b",
			versionSetting:  "3.11.7",
			archivesSetting: "local:///opt/data.zip#data",

			"spark.decommission.enabled":                       "true",
			"spark.storage.decommission.enabled":               "true",
			"spark.storage.decommission.shuffleBlocks.enabled": "true",
			"spark.storage.decommission.rddBlocks.enabled":     "true",
		},
	}}
	if got := <-demands; !proto.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestUserInterface_IsWhereTheDriverSays(t *testing.T) {
	dir := t.TempDir()
	e, w, demands := attached(t, dir)
	if _, err := e.UserInterface(w.GetWorkerId()); !errs.Is(err, errs.Unavailable) {
		t.Errorf("before the driver has said anything: %v", err)
	}
	p := call(t, socketIn(e, dir), token(w))
	for said, want := range map[string]int{`{"ui_port":4040,"target":1}`: 4040, `{"ui_port":0,"target":2}`: 0} {
		p.say(said)
		<-demands
		if got, err := e.UserInterface(w.GetWorkerId()); got != want || want == 0 && !errs.Is(err, errs.WrongState) {
			t.Errorf("after %s: %d, %v", said, got, err)
		}
	}
	e.Detach(w.GetWorkerId())
	if _, err := e.UserInterface(w.GetWorkerId()); !errs.Is(err, errs.Unavailable) {
		t.Errorf("when the driver has ended: %v", err)
	}
}

func TestLink_RefusesAWrongToken(t *testing.T) {
	dir := t.TempDir()
	e, _, demands := attached(t, dir)
	p := call(t, socketIn(e, dir), "guess")
	if p.lines.Scan() {
		t.Errorf("a stranger was told %q", p.lines.Text())
	}
	if len(demands) != 0 {
		t.Error("a stranger was heard")
	}
}

// A program may call with wrong tokens in a loop: that costs its node next to nothing, and the log one line.
func TestLink_ACallerInALoopIsSlowAndLoggedOnce(t *testing.T) {
	var said bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		l := linkOf(&said)
		began := time.Now()
		for range 10 {
			agent, program := net.Pipe()
			go func() { _, _ = program.Write([]byte(`{"hello":"guess"}` + "\n")); _ = program.Close() }()
			l.serve(agent)
		}
		if took := time.Since(began); took != 10*refusedPause {
			t.Errorf("10 calls had their answers after %s", took)
		}
	})
	if got := strings.Count(said.String(), "wrong token"); got != 1 {
		t.Errorf("%d lines were logged, want 1", got)
	}
}

// linkOf returns a link without a socket.
func linkOf(said io.Writer) *link {
	l := &link{
		worker: assignment("x.py", nil),
		log:    seldom.New(slog.New(slog.NewTextHandler(said, nil))),
		conns:  map[net.Conn]chan struct{}{},
		pace:   rate.NewLimiter(lineRate, lineBurst),
	}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l
}

// A program may change its demands without end: they are read as fast as a driver needs, and the last one is heard.
func TestLink_ReadsDemandsNoFasterThanADriverNeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const demands = 1000
		l, heard := linkOf(io.Discard), uint32(0)
		l.demand = func(d *agentv1.Demand) { heard = d.GetTarget() }
		agent, program := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, program) }()
		go func() {
			_, _ = io.WriteString(program, `{"hello":"`+token(l.worker)+`"}`+"\n")
			for i := range demands {
				_, _ = fmt.Fprintf(program, `{"target":%d}`+"\n", i+1)
			}
			_ = program.Close()
		}()
		began := time.Now()
		l.serve(agent)
		if took := time.Since(began); took < (demands-lineBurst)*time.Second/lineRate || heard != demands {
			t.Errorf("%d of %d demands were read in %s", heard, demands, took)
		}
	})
}

func TestLink_IsForItsOwnerAndGoneAfterDetach(t *testing.T) {
	dir := t.TempDir()
	e, w, _ := attached(t, dir)
	path := socketIn(e, dir)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket: %v, %v", info, err)
	}
	e.Detach(w.GetWorkerId())
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the socket is still there: %v", err)
	}
}

// Java takes paths of up to 106 bytes, one less than the kernel: a driver would never reach its agent on a longer one.
func TestEngine_GivesSocketsPathsThatJavaTakes(t *testing.T) {
	e := New(Config{SocketDir: t.TempDir()})
	t.Cleanup(func() { _ = e.Close() })
	rest := len("/agent.sock")
	for length, want := range map[int]bool{106: true, 107: false} {
		dir := "/" + strings.Repeat("d", length-rest-1)
		if path := e.socketSeen(&runtime.Home{SocketsSeen: dir}, agentSocket); strings.HasPrefix(path, dir) != want ||
			len(path) > 106 {
			t.Errorf("a path of %d bytes became %s", length, path)
		}
	}
}

func TestLink_FindsAShortPathForADeepDirectory(t *testing.T) {
	deep := filepath.Join(t.TempDir(), strings.Repeat("deep/", 30))
	e, w, _ := attached(t, deep)
	if path := socketIn(e, deep); len(path) >= maxSocketPath || path != socketIn(e, deep) {
		t.Errorf("the path %s has %d bytes", path, len(path))
	}
	if got := call(t, socketIn(e, deep), token(w)).hear(); got != 1 {
		t.Errorf("executor %d told, want 1", got)
	}
}

// A driver says once a second how far its jobs are: that is passed on, and what it wants only when it changes.
func TestD2_ADriversProgressIsPassedOnWithoutItsDemand(t *testing.T) {
	l := linkOf(io.Discard)
	var demands []*agentv1.Demand
	var heard []*agentv1.SparkProgress
	l.demand = func(d *agentv1.Demand) { demands = append(demands, d) }
	l.progress = func(p *agentv1.SparkProgress) { heard = append(heard, p) }
	agent, program := net.Pipe()
	go func() { _, _ = io.Copy(io.Discard, program) }()
	go func() {
		_, _ = io.WriteString(program, `{"hello":"`+token(l.worker)+`"}`+"\n")
		for _, line := range []string{
			`{"target":3}`,
			`{"target":3,"progress":{"stages_done":2,"stages":7,"tasks_done":120,"tasks":400}}`,
			`{"target":3,"progress":{"stages_done":9,"stages":7,"tasks_done":500,"tasks":400}}`,
			`{"target":4}`,
		} {
			_, _ = io.WriteString(program, line+"\n")
		}
		_ = program.Close()
	}()
	l.serve(agent)
	if len(demands) != 2 || demands[0].GetTarget() != 3 || demands[1].GetTarget() != 4 {
		t.Errorf("passed on are the demands %v", demands)
	}
	run, attempt := l.worker.GetJobRunId(), l.worker.GetAttempt()
	for i, want := range []*agentv1.SparkProgress{
		{JobRunId: run, Attempt: attempt},
		{JobRunId: run, Attempt: attempt, StagesDone: 2, Stages: 7, TasksDone: 120, Tasks: 400},
		{JobRunId: run, Attempt: attempt, StagesDone: 7, Stages: 7, TasksDone: 400, Tasks: 400},
		{JobRunId: run, Attempt: attempt},
	} {
		if i >= len(heard) || !proto.Equal(heard[i], want) {
			t.Errorf("message %d: heard %v, not %v", i, heard[min(i, len(heard)):], want)
		}
	}
}
