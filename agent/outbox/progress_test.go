package outbox

import (
	"fmt"
	"testing"
	"time"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// However often something gets on, the leader is told once a second, and the newest.
func TestD2_ProgressIsToldOnceASecondAtMost(t *testing.T) {
	p := NewProgress()
	now := time.Unix(1_000_000, 0)
	if next, wait := p.Take(now); next != nil || wait != 0 {
		t.Errorf("a node that does nothing says %v, and again in %s", next, wait)
	}
	told := 0
	for i := range 10_000 { // of a millisecond each
		p.SetCopy("emr-7.2.0", []byte{1}, int64(i))
		p.SetDriver(&agentv1.SparkProgress{JobRunId: "r", Attempt: 1, Stages: 7, Tasks: 400, TasksDone: uint32(i)})
		next, wait := p.Take(now.Add(time.Duration(i) * time.Millisecond))
		if (next == nil) != (wait > 0) {
			t.Fatalf("%v, and again in %s", next, wait)
		}
		if next != nil {
			told++
			if next.GetCopies()[0].GetBytes() != int64(i) || next.GetDrivers()[0].GetTasksDone() != uint32(i) {
				t.Errorf("at %d it says %v", i, next)
			}
		}
	}
	if told != 10 {
		t.Errorf("told %d times in ten seconds", told)
	}
}

func TestD2_ProgressThatIsOverIsToldAndEveryLeaderHearsAll(t *testing.T) {
	p := NewProgress()
	now := time.Unix(1_000_000, 0)
	take := func() *agentv1.Progress {
		t.Helper()
		now = now.Add(progressEvery)
		next, _ := p.Take(now)
		return next
	}
	p.SetCopy("emr-7.2.0", []byte{1}, 5)
	p.SetDriver(&agentv1.SparkProgress{JobRunId: "r", Attempt: 1, Stages: 7})
	if all := take(); len(all.GetCopies()) != 1 || len(all.GetDrivers()) != 1 {
		t.Errorf("%v", all)
	}
	if again := take(); again != nil {
		t.Errorf("told again: %v", again)
	}
	p.Restart()
	if all := take(); len(all.GetCopies()) != 1 || len(all.GetDrivers()) != 1 {
		t.Errorf("a new leader hears %v", all)
	}
	p.EndCopy([]byte{1})
	p.DropDriver(Attempt{"r", 1})
	if all := take(); all == nil || len(all.GetCopies())+len(all.GetDrivers()) != 0 {
		t.Errorf("at the end it says %v", all)
	}
}

// Drivers of attempts of one run, which may be on a node at once, are told in the same order every time: else each one
// is news.
func TestD2_ProgressOfAttemptsOfOneRunIsToldOnce(t *testing.T) {
	p := NewProgress()
	now := time.Unix(1_000_000, 0)
	for attempt := range uint32(8) {
		p.SetDriver(&agentv1.SparkProgress{JobRunId: "r", Attempt: attempt + 1, Stages: 1})
	}
	if next, _ := p.Take(now); len(next.GetDrivers()) != 8 {
		t.Fatalf("told is %v", next)
	}
	for range 20 {
		now = now.Add(progressEvery)
		if again, _ := p.Take(now); again != nil {
			t.Fatalf("nothing is new, and told is %v", again)
		}
	}
}

func TestD2_ProgressOfManyIsBounded(t *testing.T) {
	p := NewProgress()
	for i := range 2000 {
		p.SetCopy("emr-7.2.0", fmt.Append(nil, i), 1)
		p.SetDriver(&agentv1.SparkProgress{JobRunId: fmt.Sprint(i), Attempt: 1, Stages: 1})
	}
	all, _ := p.Take(time.Now())
	if len(all.GetCopies()) != maxCopies || len(all.GetDrivers()) != maxDrivers {
		t.Errorf("%d copies, %d drivers", len(all.GetCopies()), len(all.GetDrivers()))
	}
}
