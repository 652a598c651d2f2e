package uploads

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/copies"
)

// A file that is on no server is asked for less and less often, and is there as soon as it is uploaded again.
func TestD3_AFileThatIsOnNoServerIsAskedForLessAndLessOften(t *testing.T) {
	s := open(t, DefaultBounds(), new([]Key))
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		b := NewBringing(&Replicas{Local: s, Peers: func() copies.Voters {
			asked++
			return copies.Voters{Self: true, Majority: 1}
		}})
		key, content := file("ann", "print(1)", 100)
		failures := 0
		for range 10 * 60 / 2 { // every 2 s, ten minutes long
			b.Bring(t.Context(), []Key{key}, func(of Key, err error) {
				failures++
				if of != key || !errs.Is(err, errs.NotFound) {
					t.Errorf("%v: %v", of, err)
				}
			})
			<-time.After(2 * time.Second)
		}
		if asked < 10 || asked > 16 || failures != asked {
			t.Errorf("asked for %d times in ten minutes, %d failures", asked, failures)
		}
		if err := s.Keep(key, 100, bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		b.Bring(t.Context(), []Key{key}, func(_ Key, err error) { t.Error(err) })
		if b.rests.Len() != 0 {
			t.Errorf("it is still left alone: %v", b.rests.Len())
		}
	})
}

// What is needed no more is forgotten, and asked for at once when it is needed again.
func TestD3_AFileThatIsNeededNoMoreIsForgotten(t *testing.T) {
	asked := 0
	b := NewBringing(&Replicas{
		Local: open(t, DefaultBounds(), new([]Key)),
		Peers: func() copies.Voters { asked++; return copies.Voters{Self: true, Majority: 1} },
	})
	key, _ := file("ann", "print(1)", 100)
	ignored := func(Key, error) {}
	b.Bring(t.Context(), []Key{key}, ignored)
	b.Bring(t.Context(), []Key{key}, ignored)
	b.Bring(t.Context(), nil, ignored)
	if asked != 1 || b.rests.Len() != 0 {
		t.Errorf("asked for %d times, known are %v", asked, b.rests.Len())
	}
	b.Bring(t.Context(), []Key{key}, ignored)
	if asked != 2 {
		t.Errorf("asked for %d times", asked)
	}
}
