package codec

import (
	"strconv"
	"strings"
)

// Kind is what a Node is.
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	Bool
	Number
	Text
	List
	Object
)

// Node is something that was written, or is to be written. Nil is the same as a Node of the kind Null.
type Node struct {
	Kind     Kind
	Text     string   // of a Text; of a Number or a Bool as it was written
	Elements []*Node  // of a List
	Members  []Member // of an Object, in their order; a name may be there twice
	Line     int      // from 1; 0: not known
}

// Member is a name of an Object with its value.
type Member struct {
	Name  string
	Line  int // of the name; 0: not known
	Value *Node
}

// Get returns the value of the last member of that name; nil if there is none, or the node is no Object.
func (n *Node) Get(name string) *Node {
	if n == nil {
		return nil
	}
	for i := len(n.Members) - 1; i >= 0; i-- {
		if n.Members[i].Name == name {
			return n.Members[i].Value
		}
	}
	return nil
}

// LineOf returns the line of what stands at a path of the dialect File, such as
// spec.initialCapacity[Driver].workerCount. What is not there is expected in the line of what it belongs to. An element
// of a list is found by its number, or by its classification.
func (n *Node) LineOf(path string) int {
	line := 0
	for n != nil && n.Line > 0 {
		line = n.Line
		n, path = n.down(path)
	}
	return line
}

// down returns the value at the first segment of a path, and the rest of the path; nil if there is none.
func (n *Node) down(path string) (*Node, string) {
	if key, bracketed := strings.CutPrefix(path, "["); bracketed {
		return n.keyed(key)
	}
	path = strings.TrimPrefix(path, ".")
	end := strings.IndexAny(path+".", ".[")
	for i := len(n.Members) - 1; i >= 0; i-- {
		if m := &n.Members[i]; lowerFirst(m.Name) == path[:end] {
			return m.Value, path[end:]
		}
	}
	return nil, ""
}

// keyed returns the value that a path without its first bracket begins with. A key may itself hold brackets and dots.
func (n *Node) keyed(path string) (found *Node, rest string) {
	longest := -1
	try := func(key string, value *Node) {
		if after, is := strings.CutPrefix(path, key+"]"); is && len(key) > longest && endsSegment(after) {
			found = value
			rest = after
			longest = len(key)
		}
	}
	for i := range n.Members {
		try(n.Members[i].Name, n.Members[i].Value)
	}
	for i, element := range n.Elements {
		try(strconv.Itoa(i), element)
		if class := element.Get("classification"); class != nil {
			try(class.Text, element)
		}
	}
	return found, rest
}

// endsSegment says whether a path may go on like this after a segment.
func endsSegment(rest string) bool { return rest == "" || rest[0] == '.' || rest[0] == '[' }

func lowerFirst(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToLower(name[:1]) + name[1:]
}
