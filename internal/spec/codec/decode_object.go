package codec

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// members fills the fields of a message.
func (d *decoder) members(n *Node, m protoreflect.Message) {
	seen := map[protoreflect.FieldNumber]bool{}
	for _, member := range n.Members {
		fd := d.dialect.field(m.Descriptor(), member.Name)
		if fd == nil {
			d.unknown(m.Descriptor(), member)
			continue
		}
		if seen[fd.Number()] && d.dialect == File {
			d.twice(segment{name: fd.JSONName()}, member)
			continue
		}
		if d.second(n, m, fd, member, seen) {
			continue
		}
		seen[fd.Number()] = true
		m.Clear(fd) // of a name that is there twice the last one holds
		d.at(segment{name: fd.JSONName()}, func() { d.value(member.Value, m, fd) })
	}
}

// unknown notes a name that no field has.
func (d *decoder) unknown(md protoreflect.MessageDescriptor, member Member) {
	if d.dialect == API {
		return
	}
	var known []string
	for i := range md.Fields().Len() {
		known = append(known, md.Fields().Get(i).JSONName())
	}
	d.problem(member.Line, "%s", Unknown("field", member.Name, known))
}

// twice notes a name or a key that is there again.
func (d *decoder) twice(s segment, member Member) {
	d.at(s, func() { d.problem(member.Line, "cannot be given twice") })
}

// second says whether a field may not be set because another one of its oneof is, and notes that.
func (d *decoder) second(n *Node, m protoreflect.Message, fd protoreflect.FieldDescriptor, member Member,
	seen map[protoreflect.FieldNumber]bool,
) bool {
	one := fd.ContainingOneof()
	if one == nil || one.IsSynthetic() || member.Value == nil || member.Value.Kind == Null {
		return false
	}
	if set := m.WhichOneof(one); set == nil || set == fd || !seen[set.Number()] {
		return false
	}
	text := "it needs exactly one of "
	if d.dialect == File {
		text = "cannot be without exactly one of "
	}
	d.problem(n.Line, "%s%s", text, choice(one))
	return true
}

// choice lists the names of the fields of a oneof, such as: sparkSubmit, hive and process.
func choice(one protoreflect.OneofDescriptor) string {
	var names []string
	for i := range one.Fields().Len() {
		names = append(names, one.Fields().Get(i).JSONName())
	}
	return enumerate(names, "and")
}

// enumerate lists words, with another word before the last.
func enumerate(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	end := len(words) - 1
	return strings.Join(words[:end], ", ") + " " + last + " " + words[end]
}
