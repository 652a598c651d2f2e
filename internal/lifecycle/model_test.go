package lifecycle

import "time"

// model is the slow obvious version of the cluster.
type model struct {
	now          time.Time
	applications []*application
	runs         []*run // oldest first
	lost         map[string]bool
}

func (m *model) runsOf(a *application) (runs []*run) {
	for _, r := range m.runs {
		if r.application == a {
			runs = append(runs, r)
		}
	}
	return runs
}

// lose ends what is on a node.
func (m *model) lose(node string, end func(*run, *worker)) {
	m.lost[node] = true
	for _, r := range m.runs {
		for _, w := range append([]*worker{}, r.workers...) {
			if w.node == node {
				end(r, w)
			}
		}
	}
	for _, a := range m.applications {
		a.drop(func(s *slot) bool { return s.node == node && !s.taken })
	}
}
