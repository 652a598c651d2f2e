package attack

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// Whatever clients and nodes do, a server that is told to end does.
func TestServerStop_NothingKeepsAServerFromItsEnd(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newServerWorld(t, testcluster.Config{HTTP: true})
	w.hostile("z", func(stream agentv1.AgentService_DataClient) { // it never answers
		_, _ = stream.Recv()
		_, _ = stream.Recv()
	})
	run := w.onHostile(w.application)
	for _, s := range w.cluster.Servers {
		w.flood(s, 100, func(i int) string { return []string{"", half(), "GET /logs/x HTTP/1.1\r\nHost: h\r\n\r\n"}[i%3] })
		for range 100 { // connections on which no hands are shaken
			c, err := net.Dial("tcp", s.Address())
			w.must(err)
			t.Cleanup(func() { _ = c.Close() })
		}
		for range 20 {
			watch, err := s.Client().WatchEvents(
				t.Context(),
				&controlv1.WatchEventsRequest{From: &controlv1.Position{Record: 1}},
			)
			w.must(err)
			_, err = watch.Header()
			w.must(err)
			_, err = s.Client().ReadLog(t.Context(), &controlv1.ReadLogRequest{
				ApplicationId: w.application,
				JobRunId:      run,
				Stream:        "stdout",
				Follow:        true,
			})
			w.must(err)
		}
	}
	w.others()
	w.stopsWithin(25 * time.Second)
}

// Connections that say nothing keep nobody out, and end.
func TestServerStop_SilentConnectionsKeepNobodyOut(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newServerWorld(t, testcluster.Config{Servers: 1, HTTP: true})
	s := w.cluster.Servers[0]
	var all []net.Conn
	for range 1500 {
		c, err := net.Dial("tcp", s.Address())
		w.must(err)
		all = append(all, c)
	}
	w.others()
	for _, c := range all {
		_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
		if _, err := io.Copy(io.Discard, c); err != nil {
			t.Fatalf("a silent connection is held: %v", err)
		}
		_ = c.Close()
	}
}
