package printable

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Check returns what is wrong with a text that is to stand in one line, such as a name: its first character that does
// something to a terminal, in a form that does nothing, and where it stands. Empty: nothing is.
func Check(text string) (problem string) {
	at := 0 // characters before this one
	for i := 0; i < len(text); at++ {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return fmt.Sprintf("character %d is no valid UTF-8 (%s)", at+1, escaped(r, text[i]))
		case Acts(r):
			return fmt.Sprintf("character %d is the control character %s", at+1, escaped(r, text[i]))
		}
		i += size
	}
	return ""
}

// Acts says whether a character does something to a terminal instead of standing on it: C0, DEL and C1, ends of lines
// and paragraphs, and what turns the direction of writing around.
func Acts(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f:
		return true
	case r == 0x2028, r == 0x2029:
		return true
	case r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return false
}

// Escape returns a text that does nothing to a terminal but stand on it: C0 as ^[, DEL as ^?, others as \u202e, and
// bytes that are no UTF-8 as \xff. Those in keep stay, such as "\n\t" where a text may have lines.
func Escape(text, keep string) string {
	first := firstToEscape(text, keep)
	if first < 0 {
		return text
	}
	var out strings.Builder
	out.WriteString(text[:first])
	for i := first; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if toEscape(r, size, keep) {
			out.WriteString(escaped(r, text[i]))
		} else {
			out.WriteString(text[i : i+size])
		}
		i += size
	}
	return out.String()
}

// firstToEscape returns where the first character stands that is to be escaped; -1: there is none.
func firstToEscape(text, keep string) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if toEscape(r, size, keep) {
			return i
		}
		i += size
	}
	return -1
}

func toEscape(r rune, size int, keep string) bool {
	invalid := r == utf8.RuneError && size == 1
	return invalid || Acts(r) && !strings.ContainsRune(keep, r)
}

// escaped writes a character so that it does nothing; first is its first byte, which is all of it when it is no UTF-8.
func escaped(r rune, first byte) string {
	switch {
	case r == utf8.RuneError:
		return fmt.Sprintf(`\x%02x`, first)
	case r < 0x20:
		return "^" + string(r+'@')
	case r == 0x7f:
		return "^?"
	}
	return fmt.Sprintf(`\u%04x`, r)
}
