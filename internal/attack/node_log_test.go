package attack

import (
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/testcluster"
)

// driverLog is the file of what the victim's driver prints.
func (w *nodeWorld) driverLog() string {
	return "applications/" + w.application + "/jobs/" + w.run + "/PROCESS_DRIVER/stdout.gz"
}

// liars are connections of a thief that is known: as itself, and as the victim.
func (w *nodeWorld) liars(s *testcluster.Server, thief string) map[string]*rawAgent {
	return map[string]*rawAgent{
		"as itself":                           w.raw(s, "thief", thief),
		"as the victim":                       w.raw(s, "thief", w.victim.ID),
		"as a node that nobody knows":         w.raw(s, "stranger", newID()),
		"as the victim, with another's proof": w.raw(s, "stranger", w.victim.ID),
	}
}

// A thief writes into the log of a run that it never had: before its own node does, which would make that one skip its
// beginning, and behind it.
func TestNodeLog_OfAnothersRunIsNotForged(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newNodeWorld(t, testcluster.Config{})
	thief, _ := w.knownThief()
	path := w.driverLog()
	honest := "what the driver printed"
	for _, s := range w.cluster.Servers {
		victim := w.raw(s, "victim", w.victim.ID)
		attack := func(offset int64) {
			for as, liar := range w.liars(s, thief.id) {
				if size, err := liar.store(path, offset, "forged"); err == nil || size != 0 {
					t.Errorf("%s stores %d bytes at %d", as, size, offset)
				}
				if size, err := liar.store(path, 0, ""); err == nil || size != 0 {
					t.Errorf("%s learns how long the log is, %d bytes", as, size)
				}
			}
		}
		attack(0)
		if size, err := victim.store(path, 0, ""); size != 0 || err != nil {
			t.Errorf("%s has %d bytes of a log that nobody has written, %v", s.ID(), size, err)
		}
		if size, err := victim.store(path, 0, honest); size != int64(len(honest)) || err != nil {
			t.Errorf("the node itself stores %d bytes, %v", size, err)
		}
		attack(int64(len(honest)))
		folder := "applications/" + w.application + "/jobs/" + w.run + "/PROCESS_DRIVER"
		if content, err := victim.fetch(folder+"/", w.cluster.Grant(w.victim.ID, folder)); string(content) != honest ||
			err != nil {
			t.Errorf("%s has %q, %v", s.ID(), content, err)
		}
	}
}

// Logs come late: after the worker's end, after a change of leader, and to any server. They are taken from the node
// that had it.
func TestNodeLog_ThatComesLateIsTakenFromItsNodeOnly(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newNodeWorld(t, testcluster.Config{Lease: 2 * time.Second})
	thief, _ := w.knownThief()
	w.ends()
	old := w.cluster.Leader()
	old.Stop()
	w.cluster.Leader(old)
	for _, s := range w.cluster.Servers {
		if s == old {
			continue
		}
		if _, err := w.raw(s, "thief", thief.id).store(w.driverLog(), 0, "forged"); !errs.Is(err, errs.Forbidden) {
			t.Errorf("the thief on %s: %v", s.ID(), err)
		}
		if size, err := w.raw(s, "victim", w.victim.ID).store(w.driverLog(), 0, "late"); size != 4 || err != nil {
			t.Errorf("the node itself on %s: %d bytes, %v", s.ID(), size, err)
		}
	}
}

// A thief reads the logs of everybody: all of them, those of a run, and with a grant for another node or another
// folder.
func TestNodeLog_OfOthersAreNotRead(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newNodeWorld(t, testcluster.Config{})
	thief, _ := w.knownThief()
	run := "applications/" + w.application + "/jobs/" + w.run
	for _, s := range w.cluster.Servers {
		if _, err := w.raw(s, "victim", w.victim.ID).store(w.driverLog(), 0, secret); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range w.cluster.Servers {
		for as, liar := range w.liars(s, thief.id) {
			paths := []string{"applications/", "applications/" + w.application + "/", run + "/", run + "/PROCESS_DRIVER/"}
			for _, path := range append(paths, w.driverLog()) {
				for what, grant := range map[string]string{
					"no grant":                  "",
					"the victim's":              w.cluster.Grant(w.victim.ID, run+"/PROCESS_DRIVER"),
					"one of its own, elsewhere": w.cluster.Grant(thief.id, "applications/other"),
				} {
					if content, err := liar.fetch(path, grant); len(content) > 0 || err == nil {
						t.Errorf("%s, with %s, reads %q in %s", as, what, content, path)
					}
				}
			}
		}
		asked := run + "/PROCESS_DRIVER"
		content, err := w.raw(s, "thief", thief.id).fetch(asked+"/", w.cluster.Grant(thief.id, asked))
		if string(content) != secret || err != nil {
			t.Errorf("a node that was asked to show a log reads %q, %v", content, err)
		}
	}
}
