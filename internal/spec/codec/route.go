package codec

import (
	"strconv"
	"strings"

	"github.com/headrace/headrace/internal/printable"
)

// The bounds of what is read, and of what is said about it: a path may be as long as a user's key.
const (
	maxValues   = 100_000
	maxDepth    = 100
	maxProblems = 100
)

// route is where a value stands, as segments from the root. It becomes a text only when there is something to say.
type route []segment

// segment is a field, a key of a map or, without a name, an index in a list.
type segment struct {
	kind  segmentKind
	name  string
	index int
}

type segmentKind uint8

const (
	toField segmentKind = iota
	toKey
	toElement
)

// in writes the route as a path of a dialect. A key that a user wrote does nothing to a terminal there.
func (r route) in(d Dialect) string {
	var text strings.Builder
	for _, s := range r {
		name := printable.Escape(s.name, "")
		switch {
		case s.kind == toElement:
			text.WriteString("[" + strconv.Itoa(s.index) + "]")
		case s.kind == toKey && d == File:
			text.WriteString("[" + name + "]")
		default:
			if text.Len() > 0 {
				text.WriteByte('.')
			}
			text.WriteString(name)
		}
	}
	return text.String()
}

// key adds a user's own key to a path; such a key may hold dots.
func (d Dialect) key(path, key string) string {
	if d == API {
		return dotted(path, key)
	}
	return path + "[" + key + "]"
}

// dotted adds a name to a path.
func dotted(path, name string) string {
	if path == "" || strings.HasPrefix(name, "[") {
		return path + name
	}
	return path + "." + name
}
