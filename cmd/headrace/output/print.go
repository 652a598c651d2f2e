package output

import (
	"fmt"
	"io"

	"github.com/headrace/headrace/internal/printable"
)

// lines are what may stay of what acts on a terminal in a text of several lines.
const lines = "\n\t"

// Print writes a text for people. Whatever users, programs and servers wrote does nothing to a terminal here: control characters are
// shown, as ^[ or \u202e, except ends of lines and tabs. All that commands print goes through this file, whether a terminal is there or
// not, so that it is the same in a file; only logs are passed on as they are (see Log).
func Print(w io.Writer, format string, args ...any) error {
	return write(w, printable.Escape(fmt.Sprintf(format, args...), lines))
}

// Line is Print for one line: ends of lines in what is written are shown, too. It ends the line itself.
func Line(w io.Writer, format string, args ...any) error {
	return write(w, one(fmt.Sprintf(format, args...))+"\n")
}

// Rewrite writes a line of a terminal anew, in its place, and does not end it.
func Rewrite(w io.Writer, format string, args ...any) error {
	return write(w, "\r\x1b[K"+one(fmt.Sprintf(format, args...)))
}

// Paint writes a text in a colour, such as 31, and ends the line.
func Paint(w io.Writer, colour, text string) error {
	return write(w, "\x1b["+colour+"m"+printable.Escape(text, lines)+"\x1b[0m\n")
}

// Plain returns a text for one line of somebody else's, such as of a shell's completion.
func Plain(text string) string { return one(text) }

// one returns a text that stays in its line.
func one(text string) string { return printable.Escape(text, "") }

func write(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}
