package dispatch

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

func wantField(t *testing.T, name, field string, err error) {
	t.Helper()
	var e *errs.Error
	if !errors.As(err, &e) || e.Kind != errs.Invalid || e.Field != field {
		t.Errorf("%s: %v, not about %s", name, err, field)
	}
}

func TestRates_AreOfEachAndForgotten(t *testing.T) {
	r := newRates(2, 3)
	now := time.Now()
	for range 3 {
		if !r.allow("a", now) {
			t.Fatal("the first ones are refused")
		}
	}
	if r.allow("a", now) || !r.allow("b", now) || !r.allow("a", now.Add(time.Second/2)) {
		t.Error("one is not held back, or another is, or it is for ever")
	}
	for i := range maxRates - 2 {
		r.allow(fmt.Sprint(i), now)
	}
	if r.allow("one more", now) {
		t.Error("everybody is remembered")
	}
	if !r.allow("one more", now.Add(time.Minute)) || len(r.each) != 1 {
		t.Errorf("%d are remembered who have done nothing for a while", len(r.each))
	}
}

// silent is a stream that says nothing before it ends.
type silent chan struct{}

func (s silent) Recv() (int, error) {
	<-s
	return 0, errors.New("the stream has ended")
}

// Who connects and says nothing would hold a stream for ever.
func TestFirstOf_DoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := make(silent)
		defer close(s)
		began := time.Now()
		if _, err := firstOf[int](s); !errs.Is(err, errs.Invalid) || time.Since(began) != firstTime {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}
