package label

import (
	"slices"
	"strings"
)

// Rules is what an application says of the nodes of its workers. It is made once and never changed; nil says nothing.
type Rules struct {
	where, prefer []Constraint
	spread        string
	tiers         []Set
	text          string
}

// NewRules returns the rules of constraints that hold, preferences in their order, and the label over which workers are
// spread, empty: none. It is nil if all of them are empty. Rules that are written alike are the same in every part.
func NewRules(where, prefer []Constraint, spread string) *Rules {
	if len(where)+len(prefer) == 0 && spread == "" {
		return nil
	}
	every := SetOf(where...)
	r := &Rules{where: every.all, prefer: prefer, spread: spread}
	for n := len(prefer); n >= 0; n-- {
		r.tiers = append(r.tiers, SetOf(slices.Concat(where, prefer[:n])...))
	}
	r.text = r.describe()
	return r
}

// describe writes the rules, each that means something else in another way.
func (r *Rules) describe() string {
	var all []string
	if where := r.Where().String(); where != "" {
		all = append(all, where)
	}
	for i := range r.prefer {
		all = append(all, "rather: "+r.prefer[i].String()) // no constraint has a colon
	}
	if r.spread != "" {
		all = append(all, "spread over "+r.spread)
	}
	return strings.Join(all, ", ")
}

// With returns the rules with further constraints that hold.
func (r *Rules) With(where []Constraint) *Rules {
	switch {
	case len(where) == 0:
		return r
	case r == nil:
		return NewRules(where, nil, "")
	}
	return NewRules(slices.Concat(r.where, where), r.prefer, r.spread)
}

// everyNode is what rules that say nothing let in.
var everyNode = []Set{{}}

// Tiers returns sets of which each lets in all nodes of those before it: first the nodes that meet every preference,
// last all that may be used. There is at least one; nobody changes them.
func (r *Rules) Tiers() []Set {
	if r == nil {
		return everyNode
	}
	return r.tiers
}

// Where returns what every node meets.
func (r *Rules) Where() *Set {
	tiers := r.Tiers()
	return &tiers[len(tiers)-1]
}

// Spread returns the key of the label over which workers are spread; empty: over none.
func (r *Rules) Spread() string {
	if r == nil {
		return ""
	}
	return r.spread
}

// String writes the rules for people; rules that are written alike mean the same. It is empty if they say nothing.
func (r *Rules) String() string {
	if r == nil {
		return ""
	}
	return r.text
}
