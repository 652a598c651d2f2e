package output

import (
	"bytes"
	"encoding/json"
	"io"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/printable"
)

// JSON writes a message with its fields as the API names them, in their order, those with default values too. Numbers
// are numbers, and values that look like secrets are hidden.
func JSON(w io.Writer, m proto.Message) error {
	return writeJSON(w, m, func(out *bytes.Buffer, raw []byte) error { return json.Indent(out, raw, "", "  ") })
}

// JSONLine writes a message as one line.
func JSONLine(w io.Writer, m proto.Message) error { return writeJSON(w, m, json.Compact) }

// writeJSON lays the text out anew: protojson itself varies the blanks between two builds.
func writeJSON(w io.Writer, m proto.Message, lay func(*bytes.Buffer, []byte) error) error {
	raw, err := protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.Marshal(WithoutSecrets(m))
	if err != nil {
		return err
	}
	plain, err := plainNumbers(raw, m.ProtoReflect().Descriptor())
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := lay(&out, plain); err != nil {
		return err
	}
	out.WriteByte('\n')
	return writeText(w, out.Bytes())
}

// JSONValue writes a value that is no message, with the names of its fields.
func JSONValue(w io.Writer, v any) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return err
	}
	return writeText(w, out.Bytes())
}

// writeText writes JSON. Of what acts on a terminal JSON itself escapes a part; the rest can only stand in strings,
// where \u009b means the same.
func writeText(w io.Writer, text []byte) error {
	return write(w, printable.Quoted(string(text)))
}

// JSONParts writes an object of several messages, or lists of messages, under names.
type JSONParts struct {
	body  bytes.Buffer
	parts int
}

// Add adds a message.
func (p *JSONParts) Add(name string, m proto.Message) error {
	p.name(name)
	return writeJSON(&p.body, m, json.Compact)
}

// AddList adds a list of messages.
func AddList[M proto.Message](p *JSONParts, name string, list []M) error {
	p.name(name)
	p.body.WriteByte('[')
	for i, m := range list {
		if i > 0 {
			p.body.WriteByte(',')
		}
		if err := writeJSON(&p.body, m, json.Compact); err != nil {
			return err
		}
	}
	p.body.WriteByte(']')
	return nil
}

func (p *JSONParts) name(name string) {
	if p.parts++; p.parts > 1 {
		p.body.WriteByte(',')
	}
	quoted, _ := json.Marshal(name) //nolint:errchkjson // a string always has a JSON form
	p.body.Write(append(quoted, ':'))
}

// Write writes the object.
func (p *JSONParts) Write(w io.Writer) error {
	var out bytes.Buffer
	if err := json.Indent(&out, append(append([]byte{'{'}, p.body.Bytes()...), '}'), "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	return writeText(w, out.Bytes())
}
