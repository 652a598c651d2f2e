package codec

import (
	"bytes"
	"encoding/json"

	"github.com/headrace/headrace/internal/errs"
)

// ReadJSON reads a body. No body is an empty object. Its errors are Invalid: the body is no JSON, is too large, or
// holds a text that would be kept as something else than was sent, because it is no valid UTF-8 or has half of a
// character, such as \ud800.
func ReadJSON(body []byte) (*Node, error) {
	body = bytes.Trim(body, blanks)
	if len(body) == 0 {
		return &Node{Kind: Object}, nil
	}
	if !json.Valid(body) {
		var raw json.RawMessage
		return nil, errs.New(errs.Invalid, "cannot read the body as JSON: %v", json.Unmarshal(body, &raw))
	}
	r := &jsonReader{dialect: API, body: body, line: 1}
	return r.value()
}

// blanks are what JSON knows as blank.
const blanks = " \t\r\n"

// jsonReader reads a body that is valid JSON.
type jsonReader struct {
	dialect Dialect // in whose words errors are
	body    []byte
	at      int
	line    int // there, from 1
	values  int
	route   route
}

// next returns the next byte that is no blank.
func (r *jsonReader) next() byte {
	for ; ; r.at++ {
		switch r.body[r.at] {
		case '\n':
			r.line++
		case ' ', '\t', '\r':
		default:
			return r.body[r.at]
		}
	}
}

// wrong returns an error about what is being read.
func (r *jsonReader) wrong(format string, args ...any) error {
	return errs.Field(r.route.in(r.dialect), format, args...)
}

func (r *jsonReader) tooLarge() error {
	if r.dialect == File {
		return r.wrong("%s", fileTooLarge)
	}
	return r.wrong("the body is too large: it may have at most %d values, %d deep", maxValues, maxDepth)
}

func (r *jsonReader) value() (*Node, error) {
	if r.values++; r.values > maxValues || len(r.route) > maxDepth {
		return nil, r.tooLarge()
	}
	switch r.next() {
	case '{':
		return r.object()
	case '[':
		return r.list()
	case '"':
		text, lost := r.text()
		if lost > 0 {
			return nil, r.wrong("character %d is no valid UTF-8", lost)
		}
		return &Node{Kind: Text, Text: text, Line: r.line}, nil
	}
	return r.word(), nil
}

// object reads members up to the closing brace.
func (r *jsonReader) object() (*Node, error) {
	n := &Node{Kind: Object, Line: r.line}
	r.at++
	for ; r.next() != '}'; r.comma() {
		line := r.line
		name, lost := r.text()
		if lost > 0 && (len(r.route) > 0 || r.dialect == File) { // of the members beside it the API knows all
			return nil, r.wrong("the name %q is no valid UTF-8", name)
		}
		r.next()
		r.at++ // the colon
		r.route = append(r.route, segment{kind: toField, name: name})
		value, err := r.value()
		if err != nil {
			return nil, err
		}
		r.route = r.route[:len(r.route)-1]
		n.Members = append(n.Members, Member{Name: name, Line: line, Value: value})
	}
	r.at++
	return n, nil
}

// list reads elements up to the closing bracket.
func (r *jsonReader) list() (*Node, error) {
	n := &Node{Kind: List, Line: r.line}
	r.at++
	for ; r.next() != ']'; r.comma() {
		r.route = append(r.route, segment{kind: toElement, index: len(n.Elements)})
		value, err := r.value()
		if err != nil {
			return nil, err
		}
		r.route = r.route[:len(r.route)-1]
		n.Elements = append(n.Elements, value)
	}
	r.at++
	return n, nil
}

// comma passes a comma, if one is there, up to what follows it.
func (r *jsonReader) comma() {
	if r.next() == ',' {
		r.at++
		r.next()
	}
}

// word reads a number, true, false or null.
func (r *jsonReader) word() *Node {
	begin := r.at
	for r.at < len(r.body) && !bytes.ContainsRune([]byte(" \t\r\n,]}"), rune(r.body[r.at])) {
		r.at++
	}
	text := string(r.body[begin:r.at])
	switch text[0] {
	case 'n':
		return &Node{Kind: Null, Line: r.line}
	case 't', 'f':
		return &Node{Kind: Bool, Text: text, Line: r.line}
	}
	return &Node{Kind: Number, Text: text, Line: r.line}
}
