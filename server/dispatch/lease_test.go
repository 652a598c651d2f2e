package dispatch

import (
	"testing"
	"time"
)

const (
	usual  = 10 * time.Second
	margin = 2 * time.Second
)

// start is any moment.
var start = time.Now()

// at is a moment after the start.
func at(d time.Duration) time.Time { return start.Add(d) }

func TestLeases_CountFromTheLastContactNotFromTheRequest(t *testing.T) {
	l := newLeases(usual, margin)
	l.begin("n", at(0))
	if left := l.grant("n", 0, at(3*time.Second), at(4*time.Second)); left != 9*time.Second {
		t.Errorf("a renewal a second after the last contact gives %s", left)
	}
	if left := l.grant("n", 0, at(3*time.Second), at(12*time.Second)); left != time.Second {
		t.Errorf("a renewal without new contact gives %s", left)
	}
	if left := l.grant("n", 0, at(3*time.Second), at(20*time.Second)); left != 0 {
		t.Errorf("a leader without contact for longer than a lease gives %s", left)
	}
	if left := l.grant("n", 0, time.Time{}, at(time.Second)); left != 12*time.Second {
		t.Errorf("a lease became shorter: %s", left)
	}
}

func TestLeases_PlannedRestartsAreBounded(t *testing.T) {
	l := newLeases(usual, margin)
	for wanted, want := range map[time.Duration]time.Duration{
		time.Second: usual,
		time.Minute: time.Minute,
		time.Hour:   maxLease,
		-time.Hour:  usual,
	} {
		if left := l.grant(wanted.String(), wanted, at(0), at(0)); left != want {
			t.Errorf("asked for %s, got %s", wanted, left)
		}
	}
}

func TestLeases_EndWithTheMarginAndStayEnded(t *testing.T) {
	l := newLeases(usual, margin)
	if l.end("stranger", at(time.Hour)) {
		t.Error("a node without a lease lost one")
	}
	l.begin("n", at(0))
	l.begin("n", at(5*time.Second)) // it has begun
	if l.end("n", at(usual+margin)) {
		t.Error("the lease ended before its margin was over")
	}
	if !l.end("n", at(usual+margin+1)) {
		t.Error("the lease did not end")
	}
	if left := l.grant("n", time.Minute, at(20*time.Second), at(20*time.Second)); left != 0 {
		t.Errorf("a node that is being lost was granted %s", left)
	}
	l.begin("n", at(21*time.Second))
	if !l.end("n", at(21*time.Second)) {
		t.Error("an ended lease stands again without a registration")
	}
	l.admit("n", at(21*time.Second))
	if l.end("n", at(21*time.Second)) || l.grant("n", 0, at(0), at(22*time.Second)) != 9*time.Second {
		t.Error("a node that registered has no full lease")
	}
}

// A node registers at the last moment: its lease is over, and nobody has looked yet. It must not be lost right after.
func TestLeases_RegisteringPrecedesLosing(t *testing.T) {
	l := newLeases(usual, margin)
	l.begin("n", at(0))
	late := at(usual + 2*margin)
	l.admit("n", late)
	if l.end("n", late) {
		t.Error("a node was lost that had just registered")
	}
	if l.end("n", late.Add(usual+margin)) || !l.end("n", late.Add(usual+margin+1)) {
		t.Error("its new lease is not a full one")
	}
}

// What was promised for a planned restart holds when the node comes back early: its agent may not have heard the
// shorter word.
func TestLeases_RegisteringDoesNotShorten(t *testing.T) {
	l := newLeases(usual, margin)
	l.grant("n", time.Minute, at(0), at(0))
	l.admit("n", at(time.Second))
	if left := l.grant("n", 0, at(time.Second), at(time.Second)); left != 59*time.Second {
		t.Errorf("%s are left of a minute after a second", left)
	}
}

func TestD4_LeasesKeepWhenANodeWasHeard(t *testing.T) {
	l := newLeases(usual, margin)
	l.begin("n", at(0))
	if !l.lastHeard("n").IsZero() || !l.lastHeard("other").IsZero() {
		t.Error("a node was heard of that said nothing")
	}
	l.admit("n", at(time.Second))
	if got := l.lastHeard("n"); got != at(time.Second) {
		t.Errorf("a node that registered was heard of at %s", got)
	}
	l.grant("n", 0, at(2*time.Second), at(3*time.Second))
	if got := l.lastHeard("n"); got != at(3*time.Second) {
		t.Errorf("a node that renewed its lease was heard of at %s", got)
	}
	l.end("n", at(time.Hour))
	if got := l.lastHeard("n"); got != at(3*time.Second) {
		t.Errorf("a node that is lost was heard of at %s", got)
	}
}
