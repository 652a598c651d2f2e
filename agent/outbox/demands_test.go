package outbox

import (
	"log/slog"
	"testing"
	"time"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// takeAll lets a session take what it may for a while, and returns how many of each run went out.
func takeAll(d *Demands, now *time.Time, long time.Duration, each func()) (sent map[string][]uint32) {
	sent = map[string][]uint32{}
	for end := now.Add(long); now.Before(end); *now = now.Add(10 * time.Millisecond) {
		each()
		for {
			next, _ := d.Take(*now)
			if next == nil {
				break
			}
			sent[next.GetJobRunId()] = append(sent[next.GetJobRunId()], next.GetTarget())
		}
	}
	return sent
}

// A driver that changes its demands without end sends some of them, and the last one.
func TestDemands_OfOneDriverGoOutSeldom(t *testing.T) {
	d, now, target := NewDemands(slog.Default()), time.Now(), uint32(0)
	sent := takeAll(d, &now, 10*time.Second, func() {
		for range 100 {
			target++
			d.Set(&agentv1.Demand{JobRunId: "run", Attempt: 1, Target: target})
		}
	})["run"]
	if limit := int(10 * time.Second / demandEvery); len(sent) == 0 || len(sent) > limit {
		t.Errorf("%d demands of %d went out, want %d at most", len(sent), target, limit)
	}
	if last := takeAll(d, &now, time.Second, func() {})["run"]; len(last) != 1 || last[0] != target {
		t.Errorf("in the end %v went out, want %d", last, target)
	}
}

// Drivers share what a node may send, and each has its turn.
func TestDemands_OfManyDriversShareARate(t *testing.T) {
	d, now := NewDemands(slog.Default()), time.Now()
	sent := takeAll(d, &now, 10*time.Second, func() {
		for _, run := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"} {
			d.Set(&agentv1.Demand{JobRunId: run, Attempt: 1})
		}
	})
	all := 0
	for run, targets := range sent {
		if all += len(targets); len(targets) < 10 {
			t.Errorf("%d demands of %s went out", len(targets), run)
		}
	}
	if len(sent) != 12 || all > 10*demandRate+demandBurst {
		t.Errorf("%d demands of %d drivers went out", all, len(sent))
	}
}

// What cannot go yet says when it can; nothing that waits is forgotten.
func TestDemands_SayWhenTheNextMayGo(t *testing.T) {
	d, now := NewDemands(slog.Default()), time.Now()
	for range 2 {
		d.Set(&agentv1.Demand{JobRunId: "run", Attempt: 1})
		if next, _ := d.Take(now); next == nil {
			next, wait := d.Take(now)
			if next != nil || wait != demandEvery {
				t.Fatalf("%v may go in %s", next, wait)
			}
			if next, _ := d.Take(now.Add(wait)); next == nil {
				t.Error("it may not go then")
			}
		}
	}
	if next, wait := d.Take(now.Add(time.Hour)); next != nil || wait != 0 {
		t.Errorf("nothing waits, and %v may go in %s", next, wait)
	}
}
