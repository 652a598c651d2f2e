package printable

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCheck_NamesTheFirstCharacterThatActsAndWhereItStands(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		"größe 数字 👩‍💻":                 "",
		"a\x1b[31m":                    "character 2 is the control character ^[",
		"a\nb":                         "character 2 is the control character ^J",
		"tab\t":                        "character 4 is the control character ^I",
		"\x00":                         "character 1 is the control character ^@",
		"del\x7f":                      "character 4 is the control character ^?",
		"ä\u009b31m":                   `character 2 is the control character \u009b`,
		"gpj\u202eexe":                 `character 4 is the control character \u202e`,
		"\u2066x":                      `character 1 is the control character \u2066`,
		"one\u2028two":                 `character 4 is the control character \u2028`,
		"ä\xff":                        `character 2 is no valid UTF-8 (\xff)`,
		"a replacement \ufffd is text": "",
	} {
		if got := Check(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestEscape_LeavesNothingThatActs(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                     "plain",
		"a\x1b]0;owned\x07b\x1b[2J": "a^[]0;owned^Gb^[[2J",
		"two\nlines\tand\r":         "two\nlines\tand^M",
		"c1 \u009b, del \x7f":       `c1 \u009b, del ^?`,
		"\u202egpj":                 `\u202egpj`,
		"\xc2 broken \xe2\x80":      `\xc2 broken \xe2\x80`,
	} {
		if got := Escape(text, "\n\t"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := Escape("two\nlines", ""); got != "two^Jlines" {
		t.Errorf("without anything to keep: %q", got)
	}
}

func FuzzEscape_IsTextThatDoesNothing(f *testing.F) {
	f.Add("\x1b[0m\u202e\xff")
	f.Fuzz(func(t *testing.T, text string) {
		got := Escape(text, "\n")
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return Acts(r) && r != '\n' }) {
			t.Errorf("%q became %q", text, got)
		}
		if Check(Escape(text, "")) != "" || Escape(got, "\n") != got {
			t.Errorf("%q became %q, which is not final", text, got)
		}
	})
}
