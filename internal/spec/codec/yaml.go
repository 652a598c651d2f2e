package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/headrace/headrace/internal/errs"
)

// YAML reads trees of YAML and of JSON. Its bounds hold for all that one reader reads together.
type YAML struct {
	values int
	full   bool // a bound was met, which is told once
}

// Document returns what a text says that is one document, such as the text of a flag. A text without a value is Null.
func (y *YAML) Document(text []byte) (*Node, []Problem) {
	if n, problems, is := y.JSON(text); is {
		return n, problems
	}
	all := yaml.NewDecoder(bytes.NewReader(text))
	var said *yaml.Node
	for {
		var n yaml.Node
		err := all.Decode(&n)
		switch {
		case errors.Is(err, io.EOF) && said == nil:
			return &Node{Kind: Null}, nil
		case errors.Is(err, io.EOF):
			return y.Read(said)
		case err != nil:
			text := "cannot be read as YAML or JSON: " + strings.TrimPrefix(err.Error(), "yaml: ")
			return nil, []Problem{{Text: text}}
		case len(n.Content) == 0 || n.Content[0].Tag == "!!null":
		case said != nil:
			return nil, []Problem{{Line: n.Line, Text: "cannot be several documents: give one"}}
		default:
			said = &n
		}
	}
}

// byteOrder is what some programs begin a text in UTF-8 with.
var byteOrder = []byte("\ufeff")

// JSON returns what a text says if it is JSON. To the reader of YAML not all of that is YAML: it knows no \/ and no
// pairs such as \ud83d\ude00, which many programs write, and no long names.
func (y *YAML) JSON(text []byte) (n *Node, problems []Problem, is bool) {
	text = bytes.TrimPrefix(text, byteOrder)
	if !json.Valid(text) {
		return nil, nil, false
	}
	if y.full {
		return nil, nil, true
	}
	r := &jsonReader{
		dialect: File,
		body:    text,
		line:    1,
		values:  y.values,
	}
	n, err := r.value()
	y.values = r.values
	y.full = r.values > maxValues
	if wrong, is := errors.AsType[*errs.Error](err); is {
		return nil, []Problem{{Line: r.line, Path: wrong.Field, Text: wrong.Message}}, true
	}
	return n, nil, true
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

var fileTooLarge = fmt.Sprintf("cannot be so large: all files together have at most %d values, %d deep",
	maxValues, maxDepth)

func (r *yamlReader) problem(n *yaml.Node, text string) {
	r.problems = append(r.problems, Problem{Line: n.Line, Path: r.route.in(File), Text: text})
}

func (r *yamlReader) tooLarge(n *yaml.Node) {
	if r.full {
		return
	}
	r.full = true
	r.problem(n, fileTooLarge)
}

func (r *yamlReader) members(n *yaml.Node, to *Node) {
	for i := 0; i+1 < len(n.Content) && !r.full; i += 2 {
		key := n.Content[i]
		name := r.name(key)
		r.route = append(r.route, segment{kind: toField, name: lowerFirst(name)})
		to.Members = append(to.Members, Member{Name: name, Line: key.Line, Value: r.value(n.Content[i+1])})
		r.route = r.route[:len(r.route)-1]
	}
}

// name returns what a key says.
func (r *yamlReader) name(key *yaml.Node) string {
	said := key
	if key.Kind == yaml.AliasNode {
		said = key.Alias
	}
	if said.Kind != yaml.ScalarNode {
		r.problem(key, "has a list or an object as a name: give a text")
	}
	return said.Value
}

func (r *yamlReader) elements(n *yaml.Node, to *Node) {
	for i := 0; i < len(n.Content) && !r.full; i++ {
		r.route = append(r.route, segment{kind: toElement, index: i})
		to.Elements = append(to.Elements, r.value(n.Content[i]))
		r.route = r.route[:len(r.route)-1]
	}
}

// switches are the words that are true or false. Whoever writes a tag can call other words so.
var switches = []string{"true", "True", "TRUE", "false", "False", "FALSE"}

// kindOf returns what a node is. Whatever is no number and no switch is a text, such as a date.
func kindOf(n *yaml.Node) Kind {
	switch {
	case n.Tag == "!!null":
		return Null
	case n.Kind == yaml.MappingNode:
		return Object
	case n.Kind == yaml.SequenceNode:
		return List
	case n.Tag == "!!bool" && slices.Contains(switches, n.Value):
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
	if err := to.Encode(text); err != nil || to.Value != text || text == "<<" || text == "=" {
		// Other readers take << and = for signs of their own. The encoder writes some texts of several lines, such as one
		// that begins with a tab, so that nobody reads them.
		return &yaml.Node{
			Kind:  yaml.ScalarNode,
			Tag:   "!!str",
			Value: text,
			Style: yaml.DoubleQuotedStyle,
		}
	}
	return to
}
