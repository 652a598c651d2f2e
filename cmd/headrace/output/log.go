package output

import (
	"io"
	"unicode/utf8"

	"github.com/headrace/headrace/internal/printable"
)

// Log returns where a program's log is written. On a terminal control characters are escaped unless raw is set; a file
// or a pipe gets every byte as the program wrote it. Close ends the log.
func Log(w io.Writer, terminal, raw bool) io.WriteCloser {
	if terminal && !raw {
		return &shown{to: w}
	}
	return asIs{w}
}

// asIs passes bytes on.
type asIs struct{ io.Writer }

// Close does nothing.
func (asIs) Close() error { return nil }

// shown shows control characters. A character may come in several parts.
type shown struct {
	to   io.Writer
	rest []byte // the beginning of a character
}

// Write writes all that is whole.
func (s *shown) Write(p []byte) (int, error) {
	text := append(s.rest, p...)
	whole := len(text) - begun(text)
	s.rest = append([]byte(nil), text[whole:]...)
	return len(p), write(s.to, printable.Escape(string(text[:whole]), lines))
}

// Close writes what never became a character.
func (s *shown) Close() error { return write(s.to, printable.Escape(string(s.rest), lines)) }

// begun returns how many bytes at the end of a text begin a character that is not whole.
func begun(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if last := text[len(text)-n:]; utf8.RuneStart(last[0]) {
			if utf8.FullRune(last) {
				return 0
			}
			return n
		}
	}
	return 0
}
