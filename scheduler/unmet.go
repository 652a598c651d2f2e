package scheduler

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxValuesTold bounds the values of a label that a reason lists; it says how many more there are.
const maxValuesTold = 8

// noneMeets says why no node of a class meets its constraints: the first constraint that none meets, with what nodes
// have instead, or else how many meet each.
func (c *Cluster) noneMeets(p *pool) *reason {
	var met []string
	for _, constraint := range p.where.All() {
		count := 0
		for _, n := range c.nodes {
			if p.class.fits(&n.Node) && constraint.Holds(n.labelled()) {
				count++
			}
		}
		if count == 0 {
			return because(WaitArchitecture, "no node has %s; %s", constraint.String(), c.instead(p.class, constraint.Key()))
		}
		met = append(met, fmt.Sprintf("%s: %d", constraint.String(), count))
	}
	return because(WaitArchitecture, "no node (of %d) meets all of its constraints; nodes that meet each: %s",
		len(c.nodes), strings.Join(met, ", "))
}

// instead says which values nodes of a class have for a label.
func (c *Cluster) instead(k class, key string) string {
	nodes := 0
	values := map[string]bool{}
	for _, n := range c.nodes {
		if value, has := n.labelled().Get(key); has && k.fits(&n.Node) {
			nodes++
			values[value] = true
		}
	}
	if nodes == 0 {
		return "no node has the label " + key
	}
	verb := "have"
	if nodes == 1 {
		verb = "has"
	}
	return fmt.Sprintf("%d %s %s the label %s: %s",
		nodes, plural(int64(nodes), "node"), verb, key, listed(slices.Sorted(maps.Keys(values))))
}

// listed writes the first of many values.
func listed(values []string) string {
	if more := len(values) - maxValuesTold; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(values[:maxValuesTold], ", "), more)
	}
	return strings.Join(values, ", ")
}

// meeting says which constraints the nodes of a class meet; empty: it has none.
func (k class) meeting() string {
	if k.where == "" {
		return ""
	}
	return " with " + k.where
}
