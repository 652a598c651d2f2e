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
		want          time.Duration // how long before now the answer is that the lease counts from; negative: no proof
	}{
		"nobody known":           {nil, true, []said{{"a", 0, none}}, -1},
		"silence":                {three, true, nil, -1},
		"all":                    {three, true, []said{{"a", 3, none}, {"b", 2, none}, {"c", 1, none}}, 2},
		"majority":               {three, true, []said{{"a", 3, none}, {"b", 1, none}}, 3},
		"minority":               {three, true, []said{{"a", 0, none}}, -1},
		"minority of five":       {five, true, []said{{"a", 0, none}, {"b", 0, none}}, -1},
		"majority of five":       {five, true, []said{{"a", 4, none}, {"b", 5, refused}, {"c", 6, none}}, 6},
		"one server":             {one, true, []said{{"a", 4, refused}}, 4},
		"refused":                {three, true, []said{{"a", 1, refused}, {"b", 2, refused}, {"c", 3, refused}}, 2},
		"refused does not count": {three, false, []said{{"a", 1, refused}, {"b", 2, refused}, {"c", 3, refused}}, -1},
		"refused and no leader":  {three, true, []said{{"a", 1, refused}, {"b", 2, none}}, 2},
		"one knows a leader":     {three, true, []said{{"a", 1, none}, {"b", 1, none}, {"c", 9, named}}, -1},
		"that was long ago":      {three, true, []said{{"a", 1, none}, {"b", 1, none}, {"c", 10, named}}, 1},
		"it knows one by now":    {three, true, []said{{"a", 9, refused}, {"a", 1, named}, {"b", 1, refused}, {"c", 1, refused}}, -1},
		"it knew one before":     {three, true, []said{{"a", 9, named}, {"a", 3, refused}, {"b", 1, none}}, 3},
		"answers too old":        {three, true, []said{{"a", 10, none}, {"b", 11, none}, {"c", 1, refused}}, -1},
		"strangers":              {three, true, []said{{"x", 1, none}, {"y", 1, refused}, {"a", 1, refused}}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			p := NewProof(test.refusedCounts)
			for _, s := range test.said {
				p.Note(s.server, now.Add(-s.ago*time.Second), s.answer)
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
