package consensus

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

func TestContact_CallersShareACheckThatBeganAfterThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		checks := make(chan chan error)
		c := newContact(func() error { answer := make(chan error); checks <- answer; return <-answer }, time.Now)
		ctx, end := context.WithCancel(t.Context())
		var run, callers sync.WaitGroup
		run.Go(func() { c.run(ctx) })
		first := <-checks // under way before anybody asks
		answered := make(chan error, 100)
		for range 100 {
			callers.Go(func() { answered <- c.confirm(ctx) })
		}
		synctest.Wait()
		first <- nil
		second := <-checks
		synctest.Wait()
		if len(answered) != 0 {
			t.Errorf("%d callers took a check that began before they asked", len(answered))
		}
		second <- nil
		callers.Wait()
		for range 100 {
			must(t, <-answered)
		}
		end()
		run.Wait()
		wantKind(t, c.confirm(context.Background()), errs.NotLeader)
	})
}

func TestContact_ChecksEverySecondAndCountsFromItsBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fail atomic.Bool
		c := newContact(func() error {
			if fail.Load() {
				return errNotLeader()
			}
			timer := time.NewTimer(300 * time.Millisecond) // the quorum takes its time
			<-timer.C
			return nil
		}, time.Now)
		ctx, end := context.WithCancel(t.Context())
		var run sync.WaitGroup
		run.Go(func() { c.run(ctx) })
		began := time.Now()
		<-time.After(5*contactEvery + 100*time.Millisecond) // the sixth check is under way
		if got, want := c.lastContact().Sub(began), 4*contactEvery; got != want {
			t.Errorf("last contact is at %s, want %s: when the fifth check began", got, want)
		}
		fail.Store(true)
		<-time.After(2 * contactEvery)
		before := c.lastContact()
		<-time.After(5 * contactEvery)
		if !c.lastContact().Equal(before) {
			t.Error("a check that failed counted as contact")
		}
		end()
		run.Wait()
	})
}

// A server that lost leadership and gained it again, and has not noticed either, proves nothing for its works: what
// they read may be older than what was decided meanwhile.
func TestConsensus_LeadershipOfALaterTermIsNoProof(t *testing.T) {
	leader := newCluster(t, 1, nil).leader()
	must(t, leader.contact.confirm(within(t)))
	term := leader.leadingTerm.Load()
	defer leader.leadingTerm.Store(term)
	leader.leadingTerm.Store(term - 1)
	if err := leader.contact.confirm(within(t)); !errs.Is(err, errs.NotLeader) {
		t.Errorf("got %v", err)
	}
}
