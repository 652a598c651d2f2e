package printable

import (
	"fmt"
	"strings"
)

// Quoted writes what acts on a terminal as \u202e, in a text of which all such characters stand in quotes of JSON or
// YAML, where that means the same. Ends of lines and tabs lay such a text out, and stay.
func Quoted(text string) string { return quoted.Replace(text) }

var quoted = escapes()

func escapes() *strings.Replacer {
	var pairs []string
	for r := rune(0); r <= 0xffff; r++ {
		if Acts(r) && r != '\n' && r != '\t' {
			pairs = append(pairs, string(r), fmt.Sprintf(`\u%04x`, r))
		}
	}
	return strings.NewReplacer(pairs...)
}
