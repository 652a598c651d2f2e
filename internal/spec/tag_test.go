package spec

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
)

func numbered(n int) map[string]string {
	tags := map[string]string{}
	for i := range n {
		tags[fmt.Sprint("k", i)] = ""
	}
	return tags
}

func TestCheckTags_OfWordsAndLengths(t *testing.T) {
	for _, c := range []struct{ key, value, said string }{
		{"team", "data platform", ""},
		{"Ünïcode 数字 ٣", "_.:/=+-@", ""},
		{strings.Repeat("é", 128), strings.Repeat("é", 256), ""},
		{strings.Repeat("é", 129), "", "has 129 characters, not 1 to 128"},
		{"", "v", "has 0 characters, not 1 to 128"},
		{"k", strings.Repeat("v", 257), "has 257 characters; the most is 256"},
		{"AwS:k", "", "begins with aws:, which is reserved"},
		{"k", "aWs:v", "begins with aws:, which is reserved"},
		{"Headrace:k", "", "begins with headrace:, which is reserved"},
		{"k", "HEADRACE:v", "begins with headrace:, which is reserved"},
		{"laws:k", "my aws:v", ""},
		{"k!", "", "has the character '!'"},
		{"k", "a,b", "has the character ','"},
		{"k", "\xff", "has the character"},
		{"k", "\x00", "has the character"},
		{"k", "two\nlines", `has the character '\n'`},
		{"k\t", "", `has the character '\t'`},
		{"k", "a\u2028b", `has the character '\u2028'`},
		{"k", "a\u0085b", `has the character '\u0085'`},
		{"k", "a\u202eb", `has the character '\u202e'`},
	} {
		err := CheckTags("tags", map[string]string{c.key: c.value})
		if c.said == "" && err != nil ||
			c.said != "" && (!errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), c.said)) {
			t.Errorf("%.20q=%.20q gives %v, expected %q", c.key, c.value, err, c.said)
		}
	}
}

func TestCheckTags_AtMostFifty(t *testing.T) {
	must(t, CheckTags("tags", numbered(50)))
	wantError(t, CheckTags("tags", numbered(51)), "tags", "51 tags", "50")
}

func TestWithTags_ChangesNothingElse(t *testing.T) {
	a := everything()
	tags := map[string]string{"k": "v"}
	other := WithTags(a, tags)
	tags["k"] = "later"
	if !maps.Equal(other.GetTags(), map[string]string{"k": "v"}) || a.GetTags()["Team"] != "Data" ||
		len(Diff(a, other)) != 1 {
		t.Errorf("%v became %v", a, other)
	}
	r := WithTags(sparkRun(nil), nil)
	wantSame(t, "a run without tags", r, sparkRun(nil))
}
