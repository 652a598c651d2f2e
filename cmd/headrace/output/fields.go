package output

import (
	"io"
	"strings"

	"github.com/headrace/headrace/internal/printable"
)

// widest is how wide a name makes the column of names. What is longer stands out of it: a user chose that name.
const widest = 40

// Fields are names with their values, one below the other.
type Fields struct {
	Screen Screen
	rows   []field
}

// field is one row; without a name and a value it is empty.
type field struct {
	name  string
	value string // may have several lines
}

// Add adds a field. A field without a value is left out. A value may have several lines.
func (f *Fields) Add(name, value string) {
	if value != "" {
		f.put(name, value)
	}
}

func (f *Fields) put(name, value string) {
	f.rows = append(f.rows, field{name: one(name), value: printable.Escape(value, lines)})
}

// extend adds a line to the last value.
func (f *Fields) extend(line string) {
	last := &f.rows[len(f.rows)-1]
	last.value += "\n" + one(line)
}

// Write writes the fields; further lines of a value stand below its first.
func (f *Fields) Write(w io.Writer) error {
	width := f.width()
	var text strings.Builder
	for _, row := range f.rows {
		row.value = f.Screen.paint(row.name, row.value)
		text.WriteString(row.text(width) + "\n")
	}
	return write(w, text.String())
}

// width is how wide the column of names is. A name without a value has its row for itself.
func (f *Fields) width() int {
	width := 0
	for _, row := range f.rows {
		if n := widthOf(row.name); n <= widest && row.value != "" {
			width = max(width, n)
		}
	}
	return width
}

func (f field) text(width int) string {
	if f.value == "" {
		return f.name
	}
	indent := "\n" + strings.Repeat(" ", width) + gap
	value := strings.TrimRight(f.value, "\n")
	return Pad(f.name, width, false) + gap + strings.ReplaceAll(value, "\n", indent)
}
