package spark

import "strings"

// splitOptions splits JVM options as Spark's launcher does: at blanks, but not within single or double quotes; a
// backslash takes the next character as it is, in double quotes only before a quote or a backslash.
func splitOptions(text string) []string {
	var s optionSplitter
	runes := []rune(strings.TrimSpace(text))
	for i := 0; i < len(runes); i++ {
		if s.escapes(runes[i:]) {
			i++
			s.add(runes[i])
			continue
		}
		s.take(runes[i])
	}
	s.end()
	return s.options
}

// optionSplitter is the state of a splitting.
type optionSplitter struct {
	options []string
	word    strings.Builder
	inWord  bool // also when the word is empty, as quotes can make it
	quote   rune // that is open; 0: none
}

// escapes says whether a text begins with a backslash that takes the next character as it is.
func (s *optionSplitter) escapes(text []rune) bool {
	if text[0] != '\\' || len(text) == 1 || s.quote == '\'' {
		return false
	}
	return s.quote == 0 || text[1] == '"' || text[1] == '\\'
}

// take takes a character that nothing escapes.
func (s *optionSplitter) take(c rune) {
	switch {
	case s.quote == 0 && (c == '\'' || c == '"'):
		s.quote = c
		s.inWord = true
	case s.quote != 0 && c == s.quote:
		s.quote = 0
	case s.quote == 0 && strings.ContainsRune(" \t\r\n", c):
		s.end()
	default:
		s.add(c)
	}
}

// add adds a character to the word.
func (s *optionSplitter) add(c rune) {
	s.word.WriteRune(c)
	s.inWord = true
}

// end ends the word, if there is one.
func (s *optionSplitter) end() {
	if s.inWord {
		s.options = append(s.options, s.word.String())
	}
	s.word.Reset()
	s.inWord = false
}
