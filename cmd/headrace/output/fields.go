package output

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/headrace/headrace/internal/printable"
)

// Fields are names with their values, one below the other.
type Fields struct {
	rows [][2]string
}

// Add adds a field. A field without a value is left out. A value may have several lines.
func (f *Fields) Add(name, value string) {
	if value != "" {
		f.rows = append(f.rows, [2]string{name, printable.Escape(value, lines)})
	}
}

// Write writes the fields; further lines of a value stand below its first.
func (f *Fields) Write(w io.Writer) error {
	width := 0
	for _, row := range f.rows {
		width = max(width, utf8.RuneCountInString(row[0]))
	}
	indent := "\n" + strings.Repeat(" ", width) + gap
	var text strings.Builder
	for _, row := range f.rows {
		value := strings.ReplaceAll(strings.TrimRight(row[1], "\n"), "\n", indent)
		text.WriteString(Pad(row[0], width, false) + gap + value + "\n")
	}
	return write(w, text.String())
}
