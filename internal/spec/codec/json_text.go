package codec

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a text between quotes. lost is the number of its first character that JSON cannot mean, from 1; 0: there
// is none. In its place stands U+FFFD.
func (r *jsonReader) text() (text string, lost int) {
	r.at++ // the quote
	raw := r.body[r.at:]
	end := 0
	for raw[end] != '"' {
		if raw[end] == '\\' {
			end++
		}
		end++
	}
	raw = raw[:end]
	r.at += end + 1
	if bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw), 0
	}
	return unescape(raw)
}

// unescape returns what is written between quotes; lost as for text.
func unescape(raw []byte) (text string, lost int) {
	to := make([]byte, 0, len(raw))
	for number := 1; len(raw) > 0; number++ {
		char, size, valid := first(raw)
		if !valid && lost == 0 {
			lost = number
		}
		to = utf8.AppendRune(to, char)
		raw = raw[size:]
	}
	return string(to), lost
}

// first returns the first character of a text, and how many bytes it has there.
func first(raw []byte) (char rune, size int, valid bool) {
	if raw[0] != '\\' {
		char, size = utf8.DecodeRune(raw)
		return char, size, char != utf8.RuneError || size > 1
	}
	if raw[1] != 'u' {
		return escapes[raw[1]], 2, true
	}
	char = hex(raw)
	if !utf16.IsSurrogate(char) {
		return char, 6, true
	}
	if len(raw) >= 12 && raw[6] == '\\' && raw[7] == 'u' {
		if whole := utf16.DecodeRune(char, hex(raw[6:])); whole != utf8.RuneError {
			return whole, 12, true
		}
	}
	return utf8.RuneError, 6, false
}

// hex reads the four digits after \u.
func hex(raw []byte) rune {
	number, _ := strconv.ParseUint(string(raw[2:6]), 16, 16) // the body is valid JSON
	return rune(number)
}

// escapes are the characters that stand for another one after a backslash.
var escapes = [256]rune{
	'"':  '"',
	'\\': '\\',
	'/':  '/',
	'b':  '\b',
	'f':  '\f',
	'n':  '\n',
	'r':  '\r',
	't':  '\t',
}
