package label

import (
	"slices"
	"strconv"
	"strings"
)

// operator is how a constraint compares.
type operator string

// The operators, as people write them.
const (
	equal     operator = "=="
	unequal   operator = "!="
	within    operator = "in"
	without   operator = "not in"
	exists    operator = "exists"
	lacks     operator = "not exists"
	lessThan  operator = "<"
	greatThan operator = ">"
)

// Constraint is one condition on a node, such as disk == nvme.
type Constraint struct {
	key    string
	is     operator
	values []string // in order, each once; none of exists and not exists, several of in and not in
	number int64    // of < and >
}

// Key returns the key of the label that it is about.
func (c *Constraint) Key() string { return c.key }

// Holds says whether a node meets the constraint. A node without the label meets != and not in, as they ask for no
// value, and none of the others but not exists.
func (c *Constraint) Holds(n *Node) bool {
	value, has := n.Get(c.key)
	switch c.is {
	case equal, within:
		return has && slices.Contains(c.values, value)
	case unequal, without:
		return !has || !slices.Contains(c.values, value)
	case exists:
		return has
	case lacks:
		return !has
	}
	number, err := strconv.ParseInt(value, 10, 64)
	if !has || err != nil {
		return false
	}
	if c.is == lessThan {
		return number < c.number
	}
	return number > c.number
}

// String writes the constraint in the one way in which all write it that mean the same.
func (c *Constraint) String() string {
	switch c.is {
	case exists, lacks:
		return c.key + " " + string(c.is)
	case within, without:
		return c.key + " " + string(c.is) + " (" + strings.Join(c.values, ", ") + ")"
	}
	return c.key + " " + string(c.is) + " " + c.values[0]
}
