package codec

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// MarshalJSON writes the tree in one line. Signs of HTML stay as they are, unless the encoder that calls it escapes
// them.
func (n *Node) MarshalJSON() ([]byte, error) { return n.AppendJSON(nil), nil }

// AppendJSON appends the tree to a text, in one line.
func (n *Node) AppendJSON(to []byte) []byte {
	if n == nil {
		return append(to, "null"...)
	}
	switch n.Kind {
	case Object:
		return n.appendMembers(to)
	case List:
		return n.appendElements(to)
	case Text:
		return appendText(to, n.Text)
	case Bool:
		return append(to, strings.ToLower(n.Text)...)
	case Number:
		if json.Valid([]byte(n.Text)) {
			return append(to, n.Text...)
		}
		return appendText(to, n.Text) // YAML has numbers that JSON does not have
	}
	return append(to, "null"...)
}

func (n *Node) appendMembers(to []byte) []byte {
	to = append(to, '{')
	for i, m := range n.Members {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(appendText(to, m.Name), ':')
		to = m.Value.AppendJSON(to)
	}
	return append(to, '}')
}

func (n *Node) appendElements(to []byte) []byte {
	to = append(to, '[')
	for i, element := range n.Elements {
		if i > 0 {
			to = append(to, ',')
		}
		to = element.AppendJSON(to)
	}
	return append(to, ']')
}

// appendText appends a text in quotes, as encoding/json writes it without escapes for HTML.
func appendText(to []byte, text string) []byte {
	to = append(to, '"')
	for _, char := range text {
		switch {
		case char == '"' || char == '\\':
			to = append(to, '\\', byte(char))
		case char < ' ':
			to = appendControl(to, byte(char))
		case char == '\u2028' || char == '\u2029': // ends of lines in JavaScript
			to = append(to, `\u202`...)
			to = append(to, "0123456789"[char-'\u2020'])
		default:
			to = utf8.AppendRune(to, char)
		}
	}
	return append(to, '"')
}

func appendControl(to []byte, char byte) []byte {
	if i := strings.IndexByte("\b\f\n\r\t", char); i >= 0 {
		return append(to, '\\', "bfnrt"[i])
	}
	const digits = "0123456789abcdef"
	return append(to, '\\', 'u', '0', '0', digits[char>>4], digits[char&15])
}
