package output

import (
	"bytes"
	"encoding/json"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// plainNumbers returns the JSON of a message with its integers of 64 bits as numbers. protojson quotes them, since
// JavaScript would round those above 2^53; here they are amounts and positions in the log, which scripts compare and
// add up. The keys of maps stay texts, as JSON has no others.
func plainNumbers(text []byte, md protoreflect.MessageDescriptor) ([]byte, error) {
	u := &unquoter{text: text, in: json.NewDecoder(bytes.NewReader(text))}
	_, err := u.value(md, nil)
	return u.out, err
}

// unquoter copies JSON token by token.
type unquoter struct {
	text   []byte
	in     *json.Decoder
	copied int // of the text
	out    []byte
}

// value copies a value of a message type, or of a field; at the end of a list or an object it says so.
func (u *unquoter) value(md protoreflect.MessageDescriptor, fd protoreflect.FieldDescriptor) (end bool, err error) {
	token, err := u.in.Token()
	if err != nil {
		return false, err
	}
	switch token {
	case json.Delim('{'):
		u.copy(false)
		return false, u.members(md, fd)
	case json.Delim('['):
		u.copy(false)
		return false, u.elements(md, fd)
	case json.Delim('}'), json.Delim(']'):
		u.copy(false)
		return true, nil
	}
	_, isText := token.(string)
	u.copy(isText && fd != nil && isLong(fd))
	return false, nil
}

// copy copies the token that was read, with what stands before it, with or without its quotes.
func (u *unquoter) copy(bare bool) {
	token := u.text[u.copied:u.in.InputOffset()]
	if bare {
		token = bytes.ReplaceAll(token, []byte{'"'}, nil)
	}
	u.out = append(u.out, token...)
	u.copied = int(u.in.InputOffset())
}

func (u *unquoter) elements(md protoreflect.MessageDescriptor, fd protoreflect.FieldDescriptor) error {
	for {
		if end, err := u.value(md, fd); end || err != nil {
			return err
		}
	}
}

// members copies an object: a message, or the entries of a map.
func (u *unquoter) members(md protoreflect.MessageDescriptor, fd protoreflect.FieldDescriptor) error {
	for {
		token, err := u.in.Token()
		if err != nil {
			return err
		}
		u.copy(false)
		name, isName := token.(string)
		if !isName {
			return nil // the end
		}
		below := fd
		if md != nil {
			below = md.Fields().ByName(protoreflect.Name(name))
		}
		if _, err := u.member(below, md == nil); err != nil {
			return err
		}
	}
}

// member copies the value of a field, or of an entry of a map that is a field.
func (u *unquoter) member(fd protoreflect.FieldDescriptor, entry bool) (end bool, err error) {
	switch {
	case fd == nil: // a message that JSON writes in its own way
		return u.value(nil, nil)
	case fd.IsMap() && !entry:
		return u.value(nil, fd)
	case fd.IsMap():
		fd = fd.MapValue()
	}
	return u.value(fd.Message(), fd)
}

// isLong says whether protojson quotes a field's numbers.
func isLong(fd protoreflect.FieldDescriptor) bool {
	switch fd.Kind() {
	case protoreflect.Int64Kind, protoreflect.Uint64Kind, protoreflect.Sint64Kind, protoreflect.Fixed64Kind,
		protoreflect.Sfixed64Kind:
		return true
	}
	return false
}
