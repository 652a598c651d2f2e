package output

import (
	"unicode"

	"golang.org/x/text/width"
)

// widthOf returns how many cells of a terminal a text fills: wide characters, such as those of Chinese and most emoji,
// fill two, and those that are put onto the one before them none.
func widthOf(text string) (cells int) {
	for _, r := range text {
		cells += cellsOf(r)
	}
	return cells
}

// cellsOf returns how many cells a character fills. One that is ambiguous fills one, as in most terminals.
func cellsOf(r rune) int {
	if r < 0x300 { // the first that is put onto another
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// within returns the beginning of a text that fills so many cells at most.
func within(text string, cells int) string {
	for i, r := range text {
		if cells -= cellsOf(r); cells < 0 {
			return text[:i]
		}
	}
	return text
}
