package runtime

import (
	"testing"
	"testing/synctest"
	"time"
)

// looked is a group whose processes nobody kills. It counts looks.
type looked struct {
	noGroup
	times *int
}

func (l looked) used() (int64, bool) {
	*l.times++
	return 0, false
}

// The kernel may tell of a group without end: a worker that reads many files costs its agent next to nothing.
func TestStarving_LooksSeldomForAKillingThatDoesNotCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := watchMemory("")
		defer s.close()
		began := time.Now()
		times := 0
		s.await(looked{times: &times})
		if took := time.Since(began); took < killWait || times > 12 {
			t.Errorf("it looked %d times in %s", times, took)
		}
		s.end()
		times = 0
		s.await(looked{times: &times})
		if times != 1 {
			t.Errorf("it looked %d times after the end", times)
		}
	})
}
