package lastwords

import (
	"strings"
	"unicode/utf8"
)

// Bounds of what an excerpt keeps, in bytes.
const (
	maxLine  = 512 // of one line
	maxVital = 256 // of a line that is kept from above the cut
	maxKept  = 8   // how many of these
)

// kept is a line that is worth telling.
type kept struct {
	text string
	role role
}

// Excerpt returns what of a program's output is worth telling of its end: no noise, and within so many bytes its end
// and what names its last exception. It is empty if all is noise.
func Excerpt(output string, most int) string { return excerpt(reader{}, output, most) }

// Unlogged is Excerpt for a stream whose log is not the program's own: no record of it counts, however grave.
func Unlogged(output string, most int) string { return excerpt(reader{unlogged: true}, output, most) }

func excerpt(r reader, output string, most int) string {
	var lines []kept
	blank := true
	for line := range strings.Lines(output) {
		text := shown(line)
		is := r.next(text)
		empty := strings.TrimSpace(text) == ""
		if is == roleNoise || empty && blank {
			continue
		}
		lines = append(lines, kept{shortened(text, maxLine), is})
		blank = empty
	}
	return bounded(lines, most)
}

// bounded writes the last lines that there is room for, after the vital ones above them.
func bounded(lines []kept, most int) string {
	whole := write(lines)
	if len(whole) <= most {
		return whole
	}
	room := most - len(write(vitalOf(lines)))
	cut := len(lines)
	for cut > 0 && room > len(lines[cut-1].text) {
		cut--
		room -= len(lines[cut].text) + 1
	}
	return write(vitalOf(lines[:cut])) + write(lines[cut:])
}

// vitalOf returns the lines that name the last exception, as short as may be. Those that are far apart are its first
// and its last ones. What stands between them is told as an indented line, which says nothing.
func vitalOf(lines []kept) []kept {
	var vital []kept
	for _, line := range lines {
		if line.role == roleFirst {
			vital = nil
		}
		if line.role == roleFirst || line.role == roleVital {
			vital = append(vital, kept{shortened(line.text, maxVital), line.role})
		}
	}
	if len(vital) > maxKept {
		vital = append(vital[:maxKept/2:maxKept/2], vital[len(vital)-maxKept/2:]...)
	}
	if len(vital) > 0 {
		vital = append(vital, kept{text: "  ..."})
	}
	return vital
}

func write(lines []kept) string {
	var text strings.Builder
	for _, line := range lines {
		text.WriteString(line.text)
		text.WriteByte('\n')
	}
	return text.String()
}

// shortened cuts a line of more than so many bytes in its middle, since its ends say the most. What is no text, whose
// characters have no beginning, is cut anywhere.
func shortened(line string, most int) string {
	if len(line) <= most {
		return line
	}
	head := most * 2 / 3
	tail := len(line) - (most/3 - len(gap))
	for head > 0 && !utf8.RuneStart(line[head]) {
		head--
	}
	for tail < len(line) && !utf8.RuneStart(line[tail]) {
		tail++
	}
	return line[:head] + gap + line[tail:]
}
