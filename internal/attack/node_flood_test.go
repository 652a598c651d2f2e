package attack

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// record is the newest one of the log.
func (w *nodeWorld) record() uint64 {
	w.t.Helper()
	status, err := w.client().GetClusterStatus(testcluster.Within(w.t), &controlv1.GetClusterStatusRequest{})
	w.must(err)
	return status.GetRecord()
}

// A thief registers again and again, each time with another offer, so that each would be an event: the log hardly
// grows, the cluster has one node more, and the victim's registration is not held up.
func TestNodeFlood_OfRegistrations(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newNodeWorld(t, testcluster.Config{Servers: 1})
	id := newID()
	thief := w.raw(w.cluster.Leader(), "thief", id)
	before := w.record()
	began := time.Now()
	var group sync.WaitGroup
	sessions := make(chan *rawSession, 300)
	for i := range cap(sessions) {
		group.Go(func() {
			tiny := offer(id, "thief")
			tiny.MilliCpu = int64(i + 1)
			tiny.MemoryMib = 1
			tiny.DiskMib = 1
			sessions <- thief.session(tiny)
		})
	}
	group.Wait()
	close(sessions)
	refused := 0
	for s := range sessions {
		testcluster.Eventually(t, "a session to stand or to end", func() bool {
			select {
			case <-s.ended:
				return true
			default:
				return len(s.all()) > 0
			}
		})
		if len(s.all()) == 0 && errs.Is(s.err, errs.Overloaded) {
			refused++
		}
	}
	taken := 20 + 2*uint64(time.Since(began)/time.Second+1)
	if grown := w.record() - before; grown > 2*taken || refused < 200 {
		t.Errorf("the log has %d more records, %d registrations were refused", grown, refused)
	}
	if nodes := w.nodes(); len(nodes) != 2 {
		t.Errorf("there are %d nodes", len(nodes))
	}
	w.victim.CutOff()
	w.victim.Heal()
	w.ends()
}

// A thief says every moment that it holds other releases, each of which would be an event: ten may come at once, then
// one a second. The others are served meanwhile.
func TestNodeFlood_OfReleases(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newNodeWorld(t, testcluster.Config{Servers: 1})
	_, session := w.knownThief()
	began := time.Now()
	for i := range uint64(60) { // as many as may wait
		session.report(&agentv1.Report{
			Number:   i + 1,
			Releases: &agentv1.ReleaseHoldings{Labels: []string{fmt.Sprintf("r-%d", i)}},
		})
	}
	if next := w.start(); w.state(next) != "RUNNING" {
		t.Errorf("a run that came later is %s", w.state(next))
	}
	session.acknowledged(t, 13)
	if took := time.Since(began); took < 2*time.Second {
		t.Errorf("13 changes were taken within %s", took)
	}
}
