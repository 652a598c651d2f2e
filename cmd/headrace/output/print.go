package output

import (
	"fmt"
	"io"

	"github.com/headrace/headrace/internal/printable"
)

// lines are what may stay of what acts on a terminal in a text of several lines.
const lines = "\n\t"

// Print writes a text for people. Control characters other than ends of lines and tabs are written as ^[ or \u202e, so
// that no name or message of users, programs and servers acts on a terminal. Commands print through this file even
// without a terminal, so that a file gets the same text. Only logs are passed on as they are; see Log.
func Print(w io.Writer, format string, args ...any) error {
	return write(w, printable.Escape(fmt.Sprintf(format, args...), lines))
}

// Line is Print for one line. It also escapes ends of lines in the text, and ends the line itself.
func Line(w io.Writer, format string, args ...any) error {
	return write(w, one(fmt.Sprintf(format, args...))+"\n")
}

// Rewrite writes over the current line of a terminal with so many characters in a line, and does not end the line. It
// cuts what is longer: the next Rewrite reaches one line alone. Width 0 is any number.
func Rewrite(w io.Writer, width int, format string, args ...any) error {
	text := one(fmt.Sprintf(format, args...))
	if width > 1 {
		text = cut(text, width-1)
	}
	return write(w, "\r\x1b[K"+text)
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
