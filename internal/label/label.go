package label

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Max bounds the labels that a node's agent gives it.
const Max = 32

// What keys and values are, for messages. Values are wide enough for names of nodes, zones and versions.
const (
	KeyRule   = "1 to 63 of A-Z a-z 0-9 . _ / -, of which the first is a letter or a digit"
	ValueRule = "1 to 63 of A-Z a-z 0-9 . _ + -, of which the first is a letter or a digit"
)

var (
	keys   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$`)
	values = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,62}$`)
)

// Keys of the labels that every node has. No agent can give them.
const (
	Zone         = "zone"
	NodeName     = "node"
	NodeID       = "node-id"
	Architecture = "architecture"
	ShuffleDisk  = "shuffle-disk" // true or false
)

var builtIn = []string{Zone, NodeName, NodeID, Architecture, ShuffleDisk}

// Label is one label.
type Label struct{ Key, Value string }

// Labels are labels in the order of their keys, each key once.
type Labels []Label

// Of returns labels in order.
func Of(labels map[string]string) Labels {
	var all Labels // nil if there are none
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		all = append(all, Label{key, labels[key]})
	}
	return all
}

// Map returns the labels as a map; nil if there are none.
func (l Labels) Map() map[string]string {
	if len(l) == 0 {
		return nil
	}
	all := make(map[string]string, len(l))
	for _, one := range l {
		all[one.Key] = one.Value
	}
	return all
}

// String writes the labels for people, as disk=nvme, rack=r1.
func (l Labels) String() string {
	texts := make([]string, 0, len(l))
	for _, one := range l {
		texts = append(texts, one.Key+"="+one.Value)
	}
	return strings.Join(texts, ", ")
}

// Check returns what is wrong with the labels that an agent gives its node; empty: nothing is. It names the least key.
func Check(labels map[string]string) (problem string) {
	if len(labels) > Max {
		return fmt.Sprintf("a node has at most %d labels, not %d", Max, len(labels))
	}
	for _, one := range Of(labels) {
		switch {
		case !keys.MatchString(one.Key):
			return fmt.Sprintf("the key %.80q is not %s", one.Key, KeyRule)
		case slices.Contains(builtIn, one.Key):
			return fmt.Sprintf("the key %q is one that every node has by itself, like %s: choose another one",
				one.Key, strings.Join(builtIn, ", "))
		case !values.MatchString(one.Value):
			return fmt.Sprintf("the value %.80q of %q is not %s", one.Value, one.Key, ValueRule)
		}
	}
	return ""
}

// CheckKey returns what is wrong with the key of a label; empty: nothing is.
func CheckKey(key string) (problem string) {
	if !keys.MatchString(key) {
		return fmt.Sprintf("%.80q is not the key of a label: %s", key, KeyRule)
	}
	return ""
}

// Node is what conditions look at.
type Node struct {
	ID, Name, Zone, Architecture string
	ShuffleDisk                  bool
	Own                          Labels // that its agent gives it
}

// Get returns the value of a label, and whether the node has it.
func (n *Node) Get(key string) (value string, has bool) {
	switch key {
	case Zone:
		return n.Zone, true
	case NodeName:
		return n.Name, true
	case NodeID:
		return n.ID, true
	case Architecture:
		return n.Architecture, true
	case ShuffleDisk:
		return strconv.FormatBool(n.ShuffleDisk), true
	}
	at, has := slices.BinarySearchFunc(n.Own, key, func(l Label, key string) int { return cmp.Compare(l.Key, key) })
	if !has {
		return "", false
	}
	return n.Own[at].Value, true
}
