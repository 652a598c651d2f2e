package lease

import (
	"testing"
	"time"

	"github.com/headrace/headrace/agent/runtime"
)

func TestProof_NeedsAMajorityThatKnowsNoLeader(t *testing.T) {
	const lease = 10 * time.Second
	const now = runtime.Instant(100 * time.Second)
	const none, named, refused = KnowsNoLeader, KnowsLeader, Refused
	type said struct {
		server string
		ago    time.Duration
		answer Answer
	}
	three, five, one := []string{"a", "b", "c"}, []string{"a", "b", "c", "d", "e"}, []string{"a"}
	for name, test := range map[string]struct {
		known         []string
		refusedCounts bool
		said          []said
		want          time.Duration // how long before now the answers are that the lease counts from; negative: no proof
	}{
		"nobody known":           {nil, true, []said{{"a", 0, none}}, -1},
		"silence":                {three, true, nil, -1},
		"all":                    {three, true, []said{{"a", 2, none}, {"b", 2, none}, {"c", 2, none}}, 2},
		"majority":               {three, true, []said{{"a", 3, none}, {"b", 3, none}}, 3},
		"minority":               {three, true, []said{{"a", 0, none}}, -1},
		"minority of five":       {five, true, []said{{"a", 0, none}, {"b", 0, none}}, -1},
		"majority of five":       {five, true, []said{{"a", 6, none}, {"b", 6, refused}, {"c", 6, none}}, 6},
		"one server":             {one, true, []said{{"a", 4, refused}}, 4},
		"refused":                {three, true, []said{{"a", 2, refused}, {"b", 2, refused}, {"c", 2, refused}}, 2},
		"refused does not count": {three, false, []said{{"a", 1, refused}, {"b", 1, refused}, {"c", 1, refused}}, -1},
		"refused and no leader":  {three, true, []said{{"a", 2, refused}, {"b", 2, none}}, 2},
		"one knows a leader":     {three, true, []said{{"a", 1, none}, {"b", 1, none}, {"c", 9, named}}, -1},
		"that was long ago":      {three, true, []said{{"a", 1, none}, {"b", 1, none}, {"c", 10, named}}, 1},
		"it knows one by now": {
			three, true, []said{{"a", 9, refused}, {"a", 1, named}, {"b", 1, refused}, {"c", 1, refused}}, -1,
		},
		"it knew one before": {three, true, []said{{"a", 9, named}, {"a", 3, refused}, {"b", 3, none}}, 3},
		"answers too old":    {three, true, []said{{"a", 10, none}, {"b", 11, none}, {"c", 1, refused}}, -1},
		"strangers":          {three, true, []said{{"x", 1, none}, {"y", 1, refused}, {"a", 1, refused}}, -1},
		"asked again":        {three, true, []said{{"a", 3, none}, {"b", 3, none}, {"a", 1, none}, {"b", 1, none}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := NewProof(test.refusedCounts)
			for _, s := range test.said {
				asked := now.Add(-s.ago * time.Second)
				p.Note(s.server, asked, asked, s.answer)
			}
			deadline, proven := p.Until(now, lease, test.known)
			switch {
			case proven != (test.want >= 0):
				t.Errorf("proven is %v", proven)
			case proven && deadline != now.Add(lease-test.want*time.Second):
				t.Errorf("the deadline is %v after now, want %v", deadline.Sub(now), lease-test.want*time.Second)
			}
		})
	}
}

// A leader that loses one follower and wins another leads all the time, and each of the two knew of none once.
func TestC7_AnswersOfDifferentMomentsProveNothing(t *testing.T) {
	const lease = 10 * time.Second
	const now = runtime.Instant(100 * time.Second)
	three := []string{"a", "b", "c"}
	for name, test := range map[string]struct {
		apart  time.Duration // how long after a b was asked
		late   time.Duration // how long b took to answer
		proven bool
	}{
		"at once":                 {0, 0, true},
		"within a moment":         {0, moment, true},
		"seconds apart":           {3 * time.Second, 0, false},
		"in two rounds":           {time.Millisecond, 0, false},
		"an answer that was late": {0, moment + time.Millisecond, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := NewProof(true)
			first := now.Add(-5 * time.Second)
			second := first.Add(test.apart)
			p.Note("a", first, first, KnowsNoLeader)
			p.Note("b", second, second.Add(test.late), KnowsNoLeader)
			if _, proven := p.Until(now, lease, three); proven != test.proven {
				t.Errorf("proven is %v", proven)
			}
		})
	}
}
