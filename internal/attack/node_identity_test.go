package attack

import (
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// A thief registers under the victim's name, with an id of its own or with the victim's.
func TestNodeImpersonation_ByName(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newNodeWorld(t, testcluster.Config{Servers: 1})
	w.unmoved(func() {
		for _, id := range []string{newID(), w.victim.ID} {
			w.raw(w.cluster.Leader(), "thief", id).session(offer(id, "victim")).refused(t, errs.Forbidden)
		}
	})
	w.ends()
}

// A thief registers with the victim's id, as from a copied node.json, and with an empty inventory, which would end all
// of its runs.
func TestNodeImpersonation_ByReplayedID(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newNodeWorld(t, testcluster.Config{Servers: 1})
	w.unmoved(func() {
		w.raw(w.cluster.Leader(), "thief", w.victim.ID).session(offer(w.victim.ID, "thief")).refused(t, errs.Forbidden)
	})
	w.ends()
}

// The same while the thief is a node of the cluster already, which it could use to look honest.
func TestNodeImpersonation_ByIDOfANodeThatIsKnown(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newNodeWorld(t, testcluster.Config{Servers: 1})
	own := newID()
	thief := w.raw(w.cluster.Leader(), "thief", own)
	small := offer(own, "thief")
	small.MilliCpu = 1
	small.MemoryMib = 1
	small.DiskMib = 1 // nothing fits there
	thief.session(small).registered(t)
	w.unmoved(func() { thief.session(offer(w.victim.ID, "thief")).refused(t, errs.Forbidden) })
	w.ends()
}

// While the victim is lost, its id is nobody's prey either: it comes back as itself.
func TestNodeImpersonation_WhileTheVictimIsLost(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newNodeWorld(t, testcluster.Config{Servers: 1, Lease: 2 * time.Second})
	w.victim.CutOff()
	w.cluster.AwaitNode(w.victim, "LOST")
	before := w.picture()
	for _, name := range []string{"thief", "victim"} {
		w.raw(w.cluster.Leader(), "thief", w.victim.ID).session(offer(w.victim.ID, name)).refused(t, errs.Forbidden)
	}
	id := newID()
	w.raw(w.cluster.Leader(), "thief", id).session(offer(id, "victim")).refused(t, errs.Forbidden)
	if after := w.picture(); after != before {
		t.Errorf("the attack changed the state from\n%s\nto\n%s", before, after)
	}
	w.victim.Heal()
	w.cluster.AwaitNode(w.victim, "READY")
	if nodes := w.nodes(); len(nodes) != 1 || nodes[0].GetNodeId() != w.victim.ID {
		t.Errorf("there are %v", nodes)
	}
}

// The victim's own certificate was stolen. Issuing another one, and using it, shuts the thief out, by every way.
func TestNodeImpersonation_WithACertificateThatWasReplaced(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newNodeWorld(t, testcluster.Config{Servers: 1})
	stolen := w.raw(w.cluster.Leader(), "victim", w.victim.ID)
	w.renew()
	honest := w.raw(w.cluster.Leader(), "victim", w.victim.ID)
	kept := offer(w.victim.ID, "victim")
	for _, worker := range w.workers(w.run) {
		kept.Inventory = append(kept.Inventory, &agentv1.WorkerStatus{
			WorkerId: worker.GetWorkerId(),
			Epoch:    1,
			Phase:    agentv1.Phase_PHASE_RUNNING,
		})
	}
	w.victim.CutOff() // its agent is stopped, and started with the new certificate
	honest.session(kept).registered(t)
	before := w.picture()
	stolen.session(offer(w.victim.ID, "victim")).refused(t, errs.Forbidden)
	log := "applications/" + w.application + "/jobs/" + w.run + "/PROCESS_DRIVER/stdout.gz"
	if _, err := stolen.store(log, 0, "forged"); !errs.Is(err, errs.Forbidden) {
		t.Errorf("the stolen certificate stores a log: %v", err)
	}
	if after := w.picture(); after != before {
		t.Errorf("the attack changed the state from\n%s\nto\n%s", before, after)
	}
	if state := w.state(w.run); state != "RUNNING" {
		t.Errorf("the victim's run is %s", state)
	}
}

// renew issues a certificate of the victim that begins later than its first one: certificates tell whole seconds.
func (w *nodeWorld) renew() {
	w.t.Helper()
	first := w.cluster.Issued("victim")
	testcluster.Eventually(w.t, "a later second", func() bool {
		w.cluster.Renew("victim")
		return w.cluster.Issued("victim").After(first)
	})
}

// Two agents with one certificate and two ids are one node, not two: a certificate has one row, whoever uses it.
func TestNodeImpersonation_OneCertificateIsOneNode(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newNodeWorld(t, testcluster.Config{Servers: 1})
	w.unmoved(func() {
		for range 5 {
			id := newID()
			w.raw(w.cluster.Leader(), "victim", id).session(offer(id, "victim")).refused(t, errs.Conflict)
		}
	})
	if nodes := w.nodes(); len(nodes) != 1 {
		t.Errorf("there are %d nodes", len(nodes))
	}
	w.ends()
}
