package consensus

import (
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/raft"
)

// weather is what a network does to what is sent: it arrives late, and what is lost is sent again, as TCP does, while
// all that comes behind it on the same connection waits.
type weather struct {
	delay time.Duration // one way
	loss  float64
	calm  atomic.Bool // no loss and no delay any more

	mu     sync.Mutex
	random *rand.Rand
}

// trip returns how long a packet takes.
func (w *weather) trip() time.Duration {
	if w.calm.Load() {
		return 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	took := w.delay
	for again := 3 * w.delay; w.random.Float64() < w.loss; again *= 2 {
		took += again
	}
	return took
}

// stormy is a stream in a weather.
type stormy struct {
	raft.StreamLayer
	weather *weather
}

func (s *stormy) Dial(address raft.ServerAddress, timeout time.Duration) (net.Conn, error) {
	handshake := time.NewTimer(s.weather.trip() + s.weather.trip())
	<-handshake.C
	conn, err := s.StreamLayer.Dial(address, timeout)
	if err != nil {
		return nil, err
	}
	return s.weather.over(conn), nil
}

func (s *stormy) Accept() (net.Conn, error) {
	conn, err := s.StreamLayer.Accept()
	if err != nil {
		return nil, err
	}
	return s.weather.over(conn), nil
}

// packet is what one write sent.
type packet struct {
	data []byte
	due  time.Time
}

// lateConn is a connection in a weather.
type lateConn struct {
	net.Conn
	weather *weather
	packets chan packet
	closed  chan struct{}
	once    sync.Once
}

func (w *weather) over(conn net.Conn) net.Conn {
	c := &lateConn{Conn: conn, weather: w, packets: make(chan packet, 1024), closed: make(chan struct{})}
	go c.deliver()
	return c
}

func (c *lateConn) Write(data []byte) (int, error) {
	p := packet{data: append([]byte(nil), data...), due: time.Now().Add(c.weather.trip())}
	select {
	case c.packets <- p:
		return len(data), nil
	case <-c.closed:
		return 0, net.ErrClosed
	}
}

func (c *lateConn) deliver() {
	for {
		select {
		case p := <-c.packets:
			timer := time.NewTimer(time.Until(p.due))
			select {
			case <-timer.C:
			case <-c.closed:
				timer.Stop()
				return
			}
			if _, err := c.Conn.Write(p.data); err != nil {
				return
			}
		case <-c.closed:
			return
		}
	}
}

func (c *lateConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// inWeather is a cluster with the bounds of every day on a bad network.
func inWeather(t *testing.T, w *weather) *cluster {
	return onTCP(t, 3, func(config *Config) {
		usual := DefaultConfig()
		config.HeartbeatTimeout = usual.HeartbeatTimeout
		config.ElectionTimeout = usual.ElectionTimeout
		config.LeaseTimeout = usual.LeaseTimeout
		s, err := openStream(*config, nil)
		must(t, err)
		config.Transport = raft.NewNetworkTransportWithConfig(networkConfig(*config, &stormy{s, w}))
	})
}

// Every packet takes 200 ms and a fifth gets lost: leadership stays where it is.
func TestC8_LeadershipLastsOnABadNetwork(t *testing.T) {
	const span = 20 * time.Second
	w := &weather{delay: 200 * time.Millisecond, loss: 0.2, random: rand.New(rand.NewPCG(1, 2))}
	w.calm.Store(true) // while the cluster begins
	c := inWeather(t, w)
	c.execute(note("before"))
	w.calm.Store(false)
	settled := time.After(5 * time.Second) // the weather is new to the servers
	<-settled
	first := c.leader().Term()
	over := time.After(span)
	commits := 0
	for done := false; !done; {
		select {
		case <-over:
			done = true
		default:
			c.execute(note(time.Now().String()))
			commits++
		}
	}
	changes := c.leader().Term() - first
	t.Logf("%d changes of leadership and %d commits in %s", changes, commits, span)
	if changes > 1 {
		t.Errorf("leadership changed %d times in %s", changes, span)
	}
	if err := c.leader().contact.confirm(within(t)); err != nil {
		t.Errorf("it cannot prove that it leads: %v", err)
	}
	w.calm.Store(true)
}

// An answer counts for longer where the way is long, and never for another term.
func TestPaced_AnswerCountsAsLongAsItsWay(t *testing.T) {
	for name, test := range map[string]struct {
		trip, age time.Duration
		term      uint64
		calm      bool
	}{
		"near":           {time.Millisecond, 2 * time.Millisecond, 3, false},
		"far":            {400 * time.Millisecond, 2 * time.Second, 3, true},
		"far, long ago":  {400 * time.Millisecond, 4100 * time.Millisecond, 3, false},
		"very far":       {2 * time.Second, maxCalm + time.Second, 3, false},
		"of another one": {400 * time.Millisecond, 500 * time.Millisecond, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPaced(nil)
				sent := time.Now()
				<-time.After(test.trip)
				p.note("b", 3, sent, true)
				<-time.After(test.age - test.trip)
				if got := p.isCalm("b", test.term); got != test.calm {
					t.Errorf("it counts: %v", got)
				}
				if count, _, strict := p.follows([]raft.ServerID{"b"}, 3, sent); count != 0 || strict != test.calm {
					t.Errorf("%d consented to what was sent later, strict %v", count, strict)
				}
			})
		})
	}
}

// A server waits longer for a leader whose heartbeats come rarely, and what lies between two leaders is no gap.
func TestArrivals_WaitFitsTheGaps(t *testing.T) {
	const usual = 500 * time.Millisecond
	var a arrivals
	now := time.Unix(0, 0)
	beat := func(term uint64, after time.Duration) time.Duration {
		now = now.Add(after)
		a.note(term, now)
		return a.wait(usual)
	}
	for _, step := range []struct {
		term        uint64
		after, want time.Duration
	}{
		{1, 0, usual},
		{1, 100 * time.Millisecond, usual},
		{2, 5 * time.Second, usual},
		{2, 700 * time.Millisecond, 2 * time.Second},
		{2, 10 * time.Second, maxWait},
	} {
		if got := beat(step.term, step.after); got != step.want {
			t.Errorf("a heartbeat of term %d after %s: wait %s, want %s", step.term, step.after, got, step.want)
		}
	}
	for range 2000 {
		beat(2, 80*time.Millisecond)
	}
	if got := a.wait(usual); got != usual {
		t.Errorf("after minutes without a gap it waits %s", got)
	}
}
