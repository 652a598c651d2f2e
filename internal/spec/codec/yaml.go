package codec

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// YAML reads trees of YAML, of which JSON is a part. Its bounds hold for all that one reader reads together.
type YAML struct {
	values int
	full   bool // a bound was met, which is told once
}

// Read returns what a node of YAML says. An alias is what it stands for. There is a problem if it is too large; the
// tree is not to be used then.
func (y *YAML) Read(n *yaml.Node) (*Node, []Problem) {
	r := &yamlReader{YAML: y}
	if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
		n = n.Content[0]
	}
	return r.value(n), r.problems
}

type yamlReader struct {
	*YAML
	route    route
	depth    int
	problems []Problem
}

func (r *yamlReader) value(n *yaml.Node) *Node {
	if r.values++; r.full || r.values > maxValues || r.depth > maxDepth {
		r.tooLarge(n)
		return nil
	}
	r.depth++
	defer func() { r.depth-- }()
	if n.Kind == yaml.AliasNode {
		return r.value(n.Alias)
	}
	to := &Node{Kind: kindOf(n), Text: n.Value, Line: n.Line}
	switch to.Kind {
	case Object:
		r.members(n, to)
	case List:
		r.elements(n, to)
	}
	return to
}

func (r *yamlReader) tooLarge(n *yaml.Node) {
	if r.full {
		return
	}
	r.full = true
	text := fmt.Sprintf("cannot be so large: all files together have at most %d values, %d deep", maxValues, maxDepth)
	r.problems = append(r.problems, Problem{Line: n.Line, Path: r.route.in(File), Text: text})
}

func (r *yamlReader) members(n *yaml.Node, to *Node) {
	for i := 0; i+1 < len(n.Content) && !r.full; i += 2 {
		key := n.Content[i]
		r.route = append(r.route, segment{kind: toField, name: lowerFirst(key.Value)})
		to.Members = append(to.Members, Member{Name: key.Value, Line: key.Line, Value: r.value(n.Content[i+1])})
		r.route = r.route[:len(r.route)-1]
	}
}

func (r *yamlReader) elements(n *yaml.Node, to *Node) {
	for i := 0; i < len(n.Content) && !r.full; i++ {
		r.route = append(r.route, segment{kind: toElement, index: i})
		to.Elements = append(to.Elements, r.value(n.Content[i]))
		r.route = r.route[:len(r.route)-1]
	}
}

// kindOf returns what a node is. Whatever is no number and no switch is a text, such as a date.
func kindOf(n *yaml.Node) Kind {
	switch {
	case n.Tag == "!!null":
		return Null
	case n.Kind == yaml.MappingNode:
		return Object
	case n.Kind == yaml.SequenceNode:
		return List
	case n.Tag == "!!bool":
		return Bool
	case n.Tag == "!!int" || n.Tag == "!!float":
		return Number
	}
	return Text
}

// YAML returns the tree for an encoder of YAML. Texts that could be taken for something else are in quotes.
func (n *Node) YAML() *yaml.Node {
	if n == nil {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	}
	switch n.Kind {
	case Object:
		to := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, m := range n.Members {
			to.Content = append(to.Content, yamlText(m.Name), m.Value.YAML())
		}
		return to
	case List:
		to := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, element := range n.Elements {
			to.Content = append(to.Content, element.YAML())
		}
		return to
	case Text:
		return yamlText(n.Text)
	case Null:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: n.Text}
}

// yamlText returns a text as the encoder itself writes one: it knows what older readers take for a switch or a number.
func yamlText(text string) *yaml.Node {
	to := &yaml.Node{}
	if err := to.Encode(text); err != nil || to.Value != text {
		// The encoder writes some texts of several lines, such as one that begins with a tab, so that nobody reads them.
		return &yaml.Node{
			Kind:  yaml.ScalarNode,
			Tag:   "!!str",
			Value: text,
			Style: yaml.DoubleQuotedStyle,
		}
	}
	return to
}
