package spark

import (
	"bufio"
	"context"
	"crypto/subtle"
	"encoding/json"
	"net"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/internal/seldom"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

const (
	helloWait = 10 * time.Second // how long a caller may take to say who it is
	writeWait = 10 * time.Second // how long a driver may leave a message unread
	maxLine   = 1 << 20          // bytes of one message
	maxCalls  = 4                // connections of one socket at once

	// refusedPause is how long a caller with a wrong token keeps its connection: so one that calls in a loop costs next
	// to nothing.
	refusedPause = time.Second
	// How fast connections and lines are taken, a second and at once: a Spark driver changes its demand ten times a
	// second at most. A line counts once more for every lineBytes.
	lineRate  = 20
	lineBurst = 50
	lineBytes = 64 << 10
)

// link is the socket of one driver. Its newest connection counts.
type link struct {
	worker    *agentv1.AssignedWorker // as it was when the socket was opened
	companion map[string]string       // settings for executors beside those that the driver says
	listener  net.Listener
	demand    func(*agentv1.Demand)
	progress  func(*agentv1.SparkProgress)
	log       *seldom.Log     // what a program does wrong, it can do in a loop
	ctx       context.Context // ends with the link
	cancel    context.CancelFunc
	pace      *rate.Limiter // of connections and lines
	running   sync.WaitGroup
	calls     chan struct{} // holds a value per connection

	mu     sync.Mutex
	began  bool                 // the driver has said what it wants
	ui     int                  // port of its pages; 0: it has none
	ended  []*agentv1.EndedPeer // every end that is known, in order
	short  *agentv1.Shortage    // of executors; nil: it has all that it wants, or will soon
	leaves []uint32             // executors that it is asked to let go
	conns  map[net.Conn]chan struct{}
	closed bool
}

// listen opens the socket of a driver; close ends it.
func (e *Engine) listen(home *runtime.Home, w *agentv1.AssignedWorker, companion map[string]string) (*link, error) {
	config := e.config
	listener, err := e.openSocket(home, agentSocket)
	if err != nil {
		return nil, errs.New(errs.Internal, "cannot open the driver's socket: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	l := &link{
		worker:    w,
		companion: companion,
		listener:  listener,
		demand:    config.OnDemand,
		progress:  config.OnProgress,
		ctx:       ctx,
		cancel:    cancel,
		log:       seldom.New(config.Log.With("worker", w.GetWorkerId())),
		pace:      rate.NewLimiter(lineRate, lineBurst),
		calls:     make(chan struct{}, maxCalls),
		ended:     slices.Clone(w.GetEndedPeers()),
		short:     w.GetShortage(),
		leaves:    slices.Clone(w.GetLeavingPeers()),
		conns:     map[net.Conn]chan struct{}{},
	}
	l.running.Go(l.accept)
	return l, nil
}

// close closes the socket and its connections and waits for them.
func (l *link) close() {
	_ = l.listener.Close()
	l.cancel()
	l.mu.Lock()
	l.closed = true
	for conn := range l.conns {
		_ = conn.Close()
	}
	l.mu.Unlock()
	l.running.Wait()
}

// update takes what is said now of a driver's executors, and wakes the goroutines that tell it.
func (l *link) update(w *agentv1.AssignedWorker) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = slices.Clone(w.GetEndedPeers())
	l.short = w.GetShortage()
	l.leaves = slices.Clone(w.GetLeavingPeers())
	for _, wake := range l.conns {
		select {
		case wake <- struct{}{}:
		default: // it is awake
		}
	}
}

// accept takes connections until the listener is closed.
func (l *link) accept() {
	for {
		l.calls <- struct{}{}
		conn, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.running.Go(func() {
			defer func() { _ = conn.Close(); <-l.calls }()
			if l.pace.Wait(l.ctx) == nil {
				l.serve(conn)
			}
		})
	}
}

// serve checks who calls, then hears and tells until the connection breaks.
func (l *link) serve(conn net.Conn) {
	wake := make(chan struct{}, 1)
	if !l.enter(conn, wake) {
		return
	}
	lines := bufio.NewScanner(conn)
	lines.Buffer(make([]byte, 0, 4096), maxLine)
	if !l.greeted(conn, lines) {
		l.log.Warn("refused a caller on the driver's socket: wrong token")
		every.Pause(l.ctx, refusedPause)
		l.leave(conn)
		return
	}
	var telling sync.WaitGroup
	gone := make(chan struct{})
	telling.Go(func() { l.tell(conn, wake, gone) })
	l.hear(lines)
	l.leave(conn)
	_ = conn.Close()
	close(gone)
	telling.Wait()
}

// enter notes a connection; false if the link is closed.
func (l *link) enter(conn net.Conn, wake chan struct{}) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.conns[conn] = wake
	}
	return !l.closed
}

// leave forgets a connection.
func (l *link) leave(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, conn)
}

// greeted reads the first line and checks the token.
func (l *link) greeted(conn net.Conn, lines *bufio.Scanner) bool {
	_ = conn.SetReadDeadline(time.Now().Add(helloWait))
	if !lines.Scan() {
		return false
	}
	_ = conn.SetReadDeadline(time.Time{})
	var hello struct{ Hello string }
	err := json.Unmarshal(lines.Bytes(), &hello)
	return err == nil && subtle.ConstantTimeCompare([]byte(hello.Hello), []byte(token(l.worker))) == 1
}
