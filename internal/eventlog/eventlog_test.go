package eventlog

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestCompare_OrdersPartsAsTheyFollowOneAnother(t *testing.T) {
	want := []string{
		"e/application_2",
		"e/eventlog_v2_a/events_1_a",
		"e/eventlog_v2_a/events_2_a",
		"e/eventlog_v2_a/events_2_a.compact",
		"e/eventlog_v2_a/events_10_a",
		"e/eventlog_v2_a/events_99999999999999999999_a", // no index
		"e/eventlog_v2_a/other",
		"e/eventlog_v2_a/appstatus_a",
		"e/eventlog_v2_b/events_1_b",
		"e/eventlog_v2_b/appstatus_b.inprogress",
	}
	got := slices.Clone(want)
	rand.Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
	slices.SortFunc(got, Compare)
	if !slices.Equal(got, want) {
		t.Errorf("the order is %q", got)
	}
}

func TestCompare_IsAnOrder(t *testing.T) {
	name := rapid.StringMatching(`(a/|b/)?(events_[0-9]{1,3}_x|appstatus_x|x)(\.inprogress)?`)
	rapid.Check(t, func(t *rapid.T) {
		a := name.Draw(t, "a")
		b := name.Draw(t, "b")
		c := name.Draw(t, "c")
		if Compare(a, b) != -Compare(b, a) || (Compare(a, b) == 0) != (a == b) {
			t.Fatalf("%q and %q compare as %d and %d", a, b, Compare(a, b), Compare(b, a))
		}
		if Compare(a, b) <= 0 && Compare(b, c) <= 0 && Compare(a, c) > 0 {
			t.Fatalf("%q, %q, %q are in no order", a, b, c)
		}
	})
}

func TestNames_SayWhatTheyAre(t *testing.T) {
	for name, want := range map[string]struct{ file, mark, finished bool }{
		"eventlog_v2_a/events_1_a":             {file: true, finished: true},
		"eventlog_v2_a/appstatus_a":            {file: true, mark: true, finished: true},
		"eventlog_v2_a/appstatus_a.inprogress": {file: true, mark: true},
		"a.inprogress":                         {file: true},
		"eventlog_v2_a/.events_1_a.crc":        {finished: true},
	} {
		got := struct{ file, mark, finished bool }{IsFile(name), IsMark(name), IsFinished(name)}
		if got != want {
			t.Errorf("%s is %+v", name, got)
		}
	}
	if mark, inParts := MarkOf("e/eventlog_v2_a"); mark != "appstatus_a" || !inParts {
		t.Errorf("its mark is %q, %t", mark, inParts)
	}
	if mark, inParts := MarkOf("application_1"); inParts {
		t.Errorf("another folder's mark is %q", mark)
	}
	if name := Unfinished("appstatus_a"); IsFinished(name) || !IsMark(name) {
		t.Errorf("until it is finished, it is %q", name)
	}
}
