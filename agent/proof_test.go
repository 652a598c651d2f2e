package agent

import (
	"testing"
	"time"

	"github.com/headrace/headrace/agent/runtime"
)

func TestProof_NeedsAMajorityThatKnowsNoLeader(t *testing.T) {
	const lease = 10 * time.Second
	const now = runtime.Instant(100 * time.Second)
	type said struct {
		server string
		ago    time.Duration
		answer answer
	}
	three, five, one := []string{"a", "b", "c"}, []string{"a", "b", "c", "d", "e"}, []string{"a"}
	for name, test := range map[string]struct {
		known         []string
		refusedCounts bool
		said          []said
		want          time.Duration // how long before now the answer is that the lease counts from; negative: no proof
	}{
		"nobody known":           {nil, true, []said{{"a", 0, knowsNoLeader}}, -1},
		"silence":                {three, true, nil, -1},
		"all":                    {three, true, []said{{"a", 3, knowsNoLeader}, {"b", 2, knowsNoLeader}, {"c", 1, knowsNoLeader}}, 2},
		"majority":               {three, true, []said{{"a", 3, knowsNoLeader}, {"b", 1, knowsNoLeader}}, 3},
		"minority":               {three, true, []said{{"a", 0, knowsNoLeader}}, -1},
		"minority of five":       {five, true, []said{{"a", 0, knowsNoLeader}, {"b", 0, knowsNoLeader}}, -1},
		"majority of five":       {five, true, []said{{"a", 4, knowsNoLeader}, {"b", 5, refused}, {"c", 6, knowsNoLeader}}, 6},
		"one server":             {one, true, []said{{"a", 4, refused}}, 4},
		"refused":                {three, true, []said{{"a", 1, refused}, {"b", 2, refused}, {"c", 3, refused}}, 2},
		"refused does not count": {three, false, []said{{"a", 1, refused}, {"b", 2, refused}, {"c", 3, refused}}, -1},
		"refused and no leader":  {three, true, []said{{"a", 1, refused}, {"b", 2, knowsNoLeader}}, 2},
		"one knows a leader":     {three, true, []said{{"a", 1, knowsNoLeader}, {"b", 1, knowsNoLeader}, {"c", 9, knowsLeader}}, -1},
		"that was long ago":      {three, true, []said{{"a", 1, knowsNoLeader}, {"b", 1, knowsNoLeader}, {"c", 10, knowsLeader}}, 1},
		"it knows one by now":    {three, true, []said{{"a", 9, refused}, {"a", 1, knowsLeader}, {"b", 1, refused}, {"c", 1, refused}}, -1},
		"it knew one before":     {three, true, []said{{"a", 9, knowsLeader}, {"a", 3, refused}, {"b", 1, knowsNoLeader}}, 3},
		"answers too old":        {three, true, []said{{"a", 10, knowsNoLeader}, {"b", 11, knowsNoLeader}, {"c", 1, refused}}, -1},
		"strangers":              {three, true, []said{{"x", 1, knowsNoLeader}, {"y", 1, refused}, {"a", 1, refused}}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			p := proof{refusedCounts: test.refusedCounts}
			for _, s := range test.said {
				p.note(s.server, now.Add(-s.ago*time.Second), s.answer)
			}
			deadline, proven := p.until(now, lease, test.known)
			switch {
			case proven != (test.want >= 0):
				t.Errorf("proven is %v", proven)
			case proven && deadline != now.Add(lease-test.want*time.Second):
				t.Errorf("the deadline is %v after now, want %v", deadline.Sub(now), lease-test.want*time.Second)
			}
		})
	}
}
