package history

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/eventlog"
	"github.com/headrace/headrace/internal/pages"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

const (
	// beginTimeout bounds how long such a process may take until it shows something.
	beginTimeout = 90 * time.Second
	// lookEvery is how often it is asked meanwhile.
	lookEvery = 100 * time.Millisecond
	// What it may use.
	milliCPU  = 1000
	memoryMiB = 1536
	diskMiB   = 16 << 10 // with what it makes of the event log, to show it
)

// process is the process that shows one history.
type process struct {
	config   Config
	shown    *agentv1.History
	engine   engine.UserInterfaces
	grant    func() string // to read the event log on servers
	note     func(string)  // gets what is not shown of it
	id       string
	events   *eventLog
	complete bool // the event log has its end
	held     runtime.Worker
	port     int // of loopback
}

// begin fetches the event log, starts the process and returns when it shows the log.
func (p *process) begin(ctx context.Context) error {
	p.id = runtime.ForHistory.NewID()
	home, err := p.config.Runtime.MakeHome(p.id, runtime.HomeOptions{})
	if err != nil {
		return err
	}
	defer home.Close()
	folder, err := home.MakeShown("events")
	if err != nil {
		return err
	}
	p.events = &eventLog{
		config: p.config,
		from:   p.shown,
		grant:  p.grant,
		home:   home,
		folder: folder,
		bounds: eventlog.Usual(),
	}
	if err := p.fetch(ctx); err != nil {
		return err
	}
	if p.port, err = freePort(); err != nil {
		return err
	}
	command, err := p.engine.History(ctx, p.shown, home, folder, p.port)
	if err != nil {
		return err
	}
	p.held, err = p.config.Runtime.Start(runtime.Spec{
		ID:        p.id,
		Command:   command,
		MilliCPU:  milliCPU,
		MemoryMiB: memoryMiB,
		DiskMiB:   diskMiB,
	})
	if err != nil {
		return err
	}
	return p.wait(ctx)
}

// fetch brings what is new of the event log.
func (p *process) fetch(ctx context.Context) (err error) {
	p.complete, err = p.events.fetch(ctx)
	p.note(p.events.note)
	return err
}

// freePort returns a port of loopback that nobody listens on. Who takes it before the process does makes the process
// fail, is asked nothing, and people try again.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// wait returns when the process shows the event log.
func (p *process) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, beginTimeout)
	defer cancel()
	for {
		select {
		case <-p.held.Done():
			exit, _ := p.held.Exit()
			return errs.New(errs.Unavailable, "the history server ended with code %d: %s", exit.Code, p.lastWords())
		case <-ctx.Done():
			return errs.New(errs.Unavailable,
				"the history server showed nothing within %s: %s", beginTimeout, p.lastWords())
		case <-time.After(lookEvery):
		}
		if p.shows(ctx) {
			return nil
		}
	}
}

// lastWords returns the end of what the process said.
func (p *process) lastWords() []byte { return p.config.Runtime.Tail(p.id, "stderr", 500) }

// shows says whether the process has found the event log. Nobody else is asked: the question has the token of the
// pages.
func (p *process) shows(ctx context.Context) bool {
	if own, err := p.config.Runtime.Listens(p.id, p.port); err != nil || !own {
		return false
	}
	at := net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+at+"/api/v1/applications", nil)
	if err != nil {
		return false
	}
	request.Header.Set(pages.Header, p.shown.GetPagesToken())
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return false
	}
	defer func() { _ = answer.Body.Close() }()
	var found []json.RawMessage
	err = json.NewDecoder(http.MaxBytesReader(nil, answer.Body, 1<<20)).Decode(&found)
	return err == nil && len(found) > 0
}

// stay keeps the process until nobody looks any more, and brings what the event log still lacked.
func (p *process) stay(ctx context.Context, idle func() bool) error {
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for !idle() {
		select {
		case <-p.held.Done():
			return errors.New("its process ended")
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if !p.complete {
			_ = p.fetch(ctx) // what there is is shown
		}
	}
	return nil
}

// end ends the process and removes everything of it.
func (p *process) end() error {
	if p.held == nil {
		return p.config.Runtime.RemoveDir(p.id)
	}
	return p.config.Runtime.Discard(p.held)
}
