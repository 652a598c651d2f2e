package words

import (
	"strings"

	"github.com/headrace/headrace/internal/errs"
)

// Split splits text as a POSIX shell does, without any expansion. Blanks and newlines separate words. 'Single quotes'
// keep everything. "Double quotes" keep everything but a backslash before one of " \ $ ` and newline. A backslash
// elsewhere keeps the next character, and a backslash at the end of a line joins it to the next. Errors are of kind
// Invalid and about the given field of the request. They say where the text is wrong, and never repeat it: it may hold
// a password.
func Split(field, text string) ([]string, error) {
	s := scanner{field: field, text: text}
	for s.at < len(s.text) {
		if err := s.next(); err != nil {
			return nil, err
		}
	}
	s.end()
	return s.tokens, nil
}

// scanner is the state of Split.
type scanner struct {
	field  string
	text   string
	at     int
	token  strings.Builder
	open   bool // a token has begun, even if it is empty so far
	tokens []string
}

func (s *scanner) end() {
	if s.open {
		s.tokens = append(s.tokens, s.token.String())
	}
	s.token.Reset()
	s.open = false
}

func (s *scanner) add(c byte) {
	s.token.WriteByte(c)
	s.open = true
}

// next reads one character, or everything to the end of a quotation.
func (s *scanner) next() error {
	c := s.text[s.at]
	s.at++
	switch c {
	case ' ', '\t', '\n', '\r':
		s.end()
	case '\'', '"':
		s.open = true
		return s.quoted(c)
	case '\\':
		return s.escaped()
	default:
		s.add(c)
	}
	return nil
}

// escaped reads what follows a backslash outside of quotes.
func (s *scanner) escaped() error {
	rest := s.text[s.at:]
	switch {
	case rest == "":
		return errs.Field(s.field, "ends in a backslash (character %d) that has nothing to escape", s.at)
	case strings.HasPrefix(rest, "\r\n"):
		s.at += 2
	case rest[0] == '\n':
		s.at++
	default:
		s.add(rest[0])
		s.at++
	}
	return nil
}

func (s *scanner) quoted(quote byte) error {
	start := s.at
	for s.at < len(s.text) {
		c := s.text[s.at]
		s.at++
		switch {
		case c == quote:
			return nil
		case c == '\\' && quote == '"' && s.at < len(s.text) && strings.IndexByte("\"\\$`\n", s.text[s.at]) >= 0:
			if s.text[s.at] != '\n' {
				s.add(s.text[s.at])
			}
			s.at++
		default:
			s.add(c)
		}
	}
	return errs.Field(s.field, "the quote %c at character %d is never closed", quote, start)
}

// Excerpt shortens a user's text for a message. It is not for texts that may hold a secret.
func Excerpt(text string) string {
	const limit = 40
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "..."
	}
	return text
}
