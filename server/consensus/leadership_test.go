package consensus

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// flapper feeds followLeadership as Raft does, with sends that block, and counts what it finds.
type flapper struct {
	notify      chan bool
	running     atomic.Int32
	peak        atomic.Int32
	leaderships atomic.Int32
}

func (f *flapper) lead(ctx context.Context) {
	if n := f.running.Add(1); n > f.peak.Load() {
		f.peak.Store(n)
	}
	f.leaderships.Add(1)
	<-ctx.Done()
	f.running.Add(-1)
}

func TestFollowLeadership_SurvivesAThousandFlaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &flapper{notify: make(chan bool)}
		ctx, end := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() { followLeadership(ctx, f.notify, f.lead) })
		for range 1_000 {
			f.notify <- true
			f.notify <- false
		}
		synctest.Wait()
		if n := f.running.Load(); n != 0 {
			t.Errorf("%d leaderships go on after the last loss", n)
		}
		f.notify <- true
		synctest.Wait()
		if n := f.running.Load(); n != 1 {
			t.Errorf("%d leaderships after the last gain, want 1", n)
		}
		end()
		group.Wait()
		if f.peak.Load() != 1 || f.running.Load() != 0 {
			t.Errorf("at most %d leaderships at once, %d at the end; want 1 and 0", f.peak.Load(), f.running.Load())
		}
	})
}

// Losing and regaining leadership before anybody looked is a new leadership: the old one may hold what was true in its
// term only.
func TestFollowLeadership_RegainIsANewLeadership(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &flapper{notify: make(chan bool, 3)}
		ctx, end := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() { followLeadership(ctx, f.notify, f.lead) })
		f.notify <- true
		synctest.Wait()
		f.notify <- false
		f.notify <- true
		synctest.Wait()
		if f.leaderships.Load() != 2 || f.running.Load() != 1 {
			t.Errorf("%d leaderships, %d running; want 2 and 1", f.leaderships.Load(), f.running.Load())
		}
		end()
		group.Wait()
	})
}

// A leadership that takes its time to end keeps nobody from sending, and the next one waits for it.
func TestFollowLeadership_NeverMakesTheSenderWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		notify := make(chan bool)
		finish := make(chan struct{})
		var leaderships atomic.Int32
		ctx, end := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() { followLeadership(ctx, notify, func(context.Context) { leaderships.Add(1); <-finish }) })
		for range 100 {
			notify <- true
			notify <- false
		}
		notify <- true
		synctest.Wait()
		if leaderships.Load() != 1 {
			t.Errorf("%d leaderships began beside one that had not ended", leaderships.Load()-1)
		}
		end()
		notify <- false
		close(finish)
		group.Wait()
	})
}
