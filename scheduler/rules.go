package scheduler

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"time"
)

// maxOpen bounds the classes of nodes that rules about labels make for one plan: each is a search of all nodes for
// those that it has, and an index of them. Beyond it applications, and the rules of each, take turns by the second.
const maxOpen = 48

// surely is how many rules a plan looks at whatever they are: the largest make five classes each.
const surely = maxOpen / 5

// openRules says which rules about labels a plan looks at, as texts; nil: all. What has others waits for a later plan.
// They depend on what is asked for and on the second, so the same input gives the same plan. Each application has one
// before any has two, so that one with many different rules keeps no other waiting.
func (c *Cluster) openRules() map[string]bool {
	all, asked := c.askedRules()
	classes := 0
	for _, count := range all {
		classes += count
	}
	if classes <= maxOpen {
		return nil
	}
	t := turns{second: int(c.bounds.Now / int64(time.Second)), step: max(surely/len(asked), 1)}
	open := map[string]bool{}
	left := maxOpen
	for text := range t.of(asked) {
		if open[text] {
			continue
		}
		if left -= all[text]; left < 0 {
			break
		}
		open[text] = true
	}
	return open
}

// askedRules returns the rules of everything that is asked for, with how many classes each makes, and those of each
// application. Those that say nothing share classes that there are anyway.
func (c *Cluster) askedRules() (all map[string]int, asked []askedRules) {
	all = map[string]int{}
	for _, o := range c.asking {
		var texts map[string]bool
		note := func(needs *Needs) {
			if text := needs.Nodes.String(); text != "" {
				if texts == nil {
					texts = map[string]bool{}
				}
				texts[text] = true
				all[text] = len(needs.Nodes.Tiers())
			}
		}
		for _, l := range o.lines {
			note(l.needs())
		}
		for i := range o.Pools {
			note(&o.Pools[i].Needs)
		}
		if len(texts) > 0 {
			asked = append(asked, askedRules{o.ID, texts})
		}
	}
	return all, asked
}

// askedRules are the different rules of what an application asks for.
type askedRules struct {
	application string
	texts       map[string]bool
}

// turns says in which order rules come in a second: with each second it begins so many steps later.
type turns struct{ second, step int }

// of yields a rule of each application, then a second one of each that has two, and so on.
func (t turns) of(asked []askedRules) iter.Seq[string] {
	slices.SortFunc(asked, func(x, y askedRules) int { return cmp.Compare(x.application, y.application) })
	var ordered [][]string
	for _, a := range t.turned(len(asked)) {
		texts := slices.Sorted(maps.Keys(asked[a].texts))
		var mine []string
		for _, i := range t.turned(len(texts)) {
			mine = append(mine, texts[i])
		}
		ordered = append(ordered, mine)
	}
	return func(yield func(string) bool) {
		for round, found := 0, true; found; round++ {
			found = false
			for _, mine := range ordered {
				if round >= len(mine) {
					continue
				}
				found = true
				if !yield(mine[round]) {
					return
				}
			}
		}
	}
}

// turned returns the numbers below count, beginning where it is this second's turn.
func (t turns) turned(count int) (order []int) {
	begin := t.second % max(count, 1) * t.step % max(count, 1)
	for i := range count {
		order = append(order, (begin+i)%count)
	}
	return order
}

// needs returns what the asks of a line need of nodes.
func (l *line) needs() *Needs {
	if l.growth != nil {
		return &l.growth.Needs
	}
	return &l.request.Needs
}

// later says that rules have no turn in this plan; nil if they have.
func (p *planner) later(needs *Needs) *reason {
	text := needs.Nodes.String()
	if p.open == nil || text == "" || p.open[text] {
		return nil
	}
	return because(WaitNextPlan,
		"waits for its turn, some seconds: more different constraints are asked for than the %d that one plan looks at",
		len(p.open))
}
