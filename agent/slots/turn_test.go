package slots

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// rehearsal is one that waits for its turn.
type rehearsal struct {
	application string
	failed      bool
	takes       time.Duration
}

// order returns who had the turn, in order, of those that came one after another.
func order(t *testing.T, turn *turn, all ...rehearsal) string {
	t.Helper()
	var mu sync.Mutex
	var had []string
	var running sync.WaitGroup
	for _, one := range all {
		running.Go(func() {
			release, err := turn.take(t.Context(), one.application, one.failed, func() {})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			had = append(had, one.application)
			mu.Unlock()
			<-time.After(one.takes)
			release()
		})
		synctest.Wait()
	}
	running.Wait()
	return strings.Join(had, "")
}

// An application whose processes never get ready has its turns, and not those of others.
func TestTurn_GoesRoundByApplication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs, good := rehearsal{"x", false, warmTimeout}, rehearsal{"a", false, 10 * time.Second}
		all := slices.Concat(slices.Repeat([]rehearsal{hangs}, 5), slices.Repeat([]rehearsal{good}, 9))
		if got := order(t, newTurn(""), all...); got != "xaaaaaaxaaaxxx" && got != "xaaaaaaaaaxxxx" {
			t.Errorf("the turns went to %s", got)
		}
	})
}

// Who comes late is not behind all who came before, and has saved up nothing either.
func TestTurn_OfWhoComesLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turn := newTurn("")
		a, b := rehearsal{"a", false, time.Second}, rehearsal{"b", false, time.Second}
		order(t, turn, slices.Repeat([]rehearsal{a}, 10)...)
		if got := order(t, turn, a, a, a, b, b, b); got != "abbaab" && got != "ababab" && got != "abbaba" {
			t.Errorf("the turns went to %s", got)
		}
	})
}

func TestTurn_OfWhoFailedComesAfterOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turn := newTurn("")
		release, err := turn.take(t.Context(), "z", false, func() {})
		if err != nil {
			t.Fatal(err)
		}
		failed, fresh := turn.enter("a", true), turn.enter("a", false)
		release()
		select {
		case <-fresh.ready:
		case <-failed.ready:
			t.Error("it goes to who failed before")
		}
	})
}

// A slot whose turn does not come counts as prepared after a while, and still waits for its turn.
func TestTurn_IsNotWaitedForByAnApplication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turn := newTurn("")
		release, err := turn.take(t.Context(), "x", false, func() { t.Error("its turn came at once") })
		if err != nil {
			t.Fatal(err)
		}
		began, late, had := time.Now(), make(chan time.Duration, 1), make(chan error)
		go func() {
			_, err := turn.take(t.Context(), "a", false, func() { late <- time.Since(began) })
			had <- err
		}()
		if took := <-late; took != turnPatience {
			t.Errorf("it counts as prepared after %s", took)
		}
		release()
		if err := <-had; err != nil {
			t.Error(err)
		}
	})
}

// Who leaves keeps the turn from nobody.
func TestTurn_GoesOnWithoutWhoLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turn := newTurn("")
		release, err := turn.take(t.Context(), "x", false, func() {})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error)
		go func() {
			_, err := turn.take(ctx, "a", false, func() {})
			gone <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-gone; err == nil {
			t.Error("who left had the turn")
		}
		release()
		leaves := turn.enter("b", false) // it is its turn, and it leaves just then
		turn.leave(leaves)
		if got := order(t, turn, rehearsal{"c", false, 0}); got != "c" {
			t.Errorf("the turns went to %q", got)
		}
	})
}
