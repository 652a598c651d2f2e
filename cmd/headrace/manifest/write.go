package manifest

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/headrace/headrace/internal/printable"
)

// Write returns documents as a file that Read reads. The file holds no character that acts on a terminal: a value with
// such a character is written in quotes, with YAML's escape.
func Write(documents ...Document) ([]byte, error) {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	for _, d := range documents {
		node := d.node().YAML()
		quote(node)
		if err := encoder.Encode(node); err != nil {
			return nil, err
		}
	}
	if err := encoder.Close(); err != nil {
		return nil, err
	}
	return []byte(printable.Quoted(text.String())), nil
}

// quote puts the values into quotes in which an escape is needed.
func quote(node *yaml.Node) {
	if node.Kind == yaml.ScalarNode && strings.ContainsFunc(node.Value, needsEscape) {
		node.Style = yaml.DoubleQuotedStyle
	}
	for _, child := range node.Content {
		quote(child)
	}
}

func needsEscape(r rune) bool { return printable.Acts(r) && r != '\n' && r != '\t' }
