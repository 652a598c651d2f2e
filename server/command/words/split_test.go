package words

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/headrace/headrace/internal/errs"
)

func TestSplit_ReadsLikeAShell(t *testing.T) {
	for text, want := range map[string][]string{
		"":                              nil,
		" \t\n ":                        nil,
		"a b\tc\nd\r\ne":                {"a", "b", "c", "d", "e"},
		`'a b' "c d"`:                   {"a b", "c d"},
		`a'b c'd"e f"`:                  {"ab cde f"},
		`'' ""`:                         {"", ""},
		`a\ b \'c\" \\`:                 {"a b", `'c"`, `\`},
		`"a\"b\\c\d\$e"`:                {`a"b\c\d$e`},
		`'a\"b'`:                        {`a\"b`},
		"a \\\n b\\\nc \\\r\n d":        {"a", "bc", "d"},
		"'a\nb' \"c\nd\" \"e\\\nf\"":    {"a\nb", "c\nd", "ef"},
		`$HOME *.jar ~ #no`:             {"$HOME", "*.jar", "~", "#no"},
		"--conf spark.x='{\"a\": [1]}'": {"--conf", `spark.x={"a": [1]}`},
		"größe 'ü ß'":                   {"größe", "ü ß"},
	} {
		got, err := Split("field", text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestSplit_SaysWhereAndNotWhat(t *testing.T) {
	for text, said := range map[string]string{
		`a 'password=hunter2`: "field: the quote ' at character 3 is never closed",
		`a "hunter2\"`:        `field: the quote " at character 3 is never closed`,
		`hunter2\`:            "field: ends in a backslash (character 8) that has nothing to escape",
	} {
		if _, err := Split("field", text); !errs.Is(err, errs.Invalid) || err.Error() != said {
			t.Errorf("%q: %v, want %s", text, err, said)
		}
	}
}

// quote writes a token so that a shell reads it back.
func quote(token string) string { return "'" + strings.ReplaceAll(token, "'", `'\''`) + "'" }

// FuzzSplit: what was read, written in quotes and read again, is the same; a refusal is an invalid field.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{`a 'b c' "d\"e" \f`, `'`, `"`, `\`, "a\\\nb", "'\x00\xff'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read, err := Split("field", text)
		if err != nil {
			if !errs.Is(err, errs.Invalid) || utf8.ValidString(text) && !utf8.ValidString(err.Error()) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		quoted := make([]string, len(read))
		for i, token := range read {
			quoted[i] = quote(token)
		}
		again, err := Split("field", strings.Join(quoted, " "))
		if err != nil || !slices.Equal(again, read) {
			t.Fatalf("%q reads as %q, and that again as %q, %v", text, read, again, err)
		}
	})
}
