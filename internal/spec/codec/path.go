package codec

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Path turns a path in the names of the proto, such as initial_capacity[Driver].worker_size.milli_cpu, into one of the
// dialect, by the fields of a message. Keys of maps and indexes in lists stand in brackets; a key may itself hold
// brackets and dots. The path may begin with spec, as in requests: File keeps that, because documents have it, and
// bodies of the API have no such member. What is not known is kept as it is.
func (d Dialect) Path(md protoreflect.MessageDescriptor, path string) string {
	text := ""
	if rest, is := strings.CutPrefix(path, "spec"); is && endsSegment(rest) && md.Fields().ByName("spec") == nil {
		path = strings.TrimPrefix(rest, ".")
		if d == File {
			text = "spec"
		}
	}
	p := &pathWriter{dialect: d, text: text}
	p.fields(md, path)
	return p.text
}

// pathWriter writes a path of a dialect, segment by segment.
type pathWriter struct {
	dialect Dialect
	text    string
}

// fields writes a path that begins with a field of a message.
func (p *pathWriter) fields(md protoreflect.MessageDescriptor, path string) {
	name, rest := head(path)
	fd := md.Fields().ByName(protoreflect.Name(name))
	if fd == nil {
		p.unknown(path)
		return
	}
	if fd != bareField(md) {
		p.text = dotted(p.text, fd.JSONName())
	}
	p.below(fd, rest)
}

// below writes what follows a field.
func (p *pathWriter) below(fd protoreflect.FieldDescriptor, path string) {
	of := fd
	if fd.IsMap() {
		of = fd.MapValue()
	}
	if (fd.IsMap() || fd.IsList()) && strings.HasPrefix(path, "[") {
		key, rest := bracketed(path, of.Message())
		if fd.IsMap() {
			p.text = p.dialect.key(p.text, key)
		} else {
			p.text = File.key(p.text, key)
		}
		path = rest
	}
	if of.Message() == nil || path == "" || path[0] != '.' {
		p.text += path
		return
	}
	p.fields(of.Message(), path[1:])
}

// unknown writes a path that cannot be followed.
func (p *pathWriter) unknown(path string) {
	if path != "" {
		p.text = dotted(p.text, path)
	}
}

// head returns the first name of a path.
func head(path string) (name, rest string) {
	end := strings.IndexAny(path+".", ".[")
	return path[:end], path[end:]
}

// bracketed returns the key in the brackets that a path begins with. Of the brackets that may close it, it is the first
// one that is followed by a field of the value, or the last one.
func bracketed(path string, value protoreflect.MessageDescriptor) (key, rest string) {
	for end := range len(path) {
		if path[end] == ']' && follows(path[end+1:], value) {
			return path[1:end], path[end+1:]
		}
	}
	end := strings.LastIndexByte(path, ']')
	if end < 0 {
		return path[1:], ""
	}
	return path[1:end], path[end+1:]
}

// follows says whether a path may go on like this after a value.
func follows(rest string, value protoreflect.MessageDescriptor) bool {
	if rest == "" {
		return true
	}
	name, _ := head(strings.TrimPrefix(rest, "."))
	return value != nil && rest[0] == '.' && value.Fields().ByName(protoreflect.Name(name)) != nil
}
