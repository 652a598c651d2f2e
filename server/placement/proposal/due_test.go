package proposal

import (
	"slices"
	"testing"
	"time"
)

func TestDue_OnlyTheLastMomentOfAnIDCounts(t *testing.T) {
	d := newDue()
	d.set("later", start.Add(2*time.Second))
	d.set("moved", start.Add(time.Second))
	d.set("moved", start.Add(3*time.Second))
	d.set("dropped", start.Add(time.Second))
	d.set("dropped", time.Time{})
	d.set("same", start.Add(2*time.Second))
	if at, any := d.next(); !any || !at.Equal(start.Add(2*time.Second)) {
		t.Errorf("the next moment is %s, %t", at, any)
	}
	if ids := d.until(start.Add(2*time.Second - 1)); len(ids) != 0 {
		t.Errorf("%v are due too early", ids)
	}
	if ids := d.until(start.Add(2 * time.Second)); !slices.Equal(ids, []string{"later", "same"}) {
		t.Errorf("%v are due", ids)
	}
	if ids := d.until(start.Add(time.Hour)); !slices.Equal(ids, []string{"moved"}) {
		t.Errorf("%v are due in the end", ids)
	}
	if _, any := d.next(); any || len(d.at)+d.moments.Len() != 0 {
		t.Errorf("%v and %v are left", d.at, d.moments)
	}
}
