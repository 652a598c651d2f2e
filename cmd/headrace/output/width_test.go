package output

import (
	"strings"
	"testing"
)

func TestWidthOf_CountsCellsOfATerminal(t *testing.T) {
	for text, want := range map[string]int{
		"":                0,
		"größe …":         7,
		"数字":              4,
		"ﾊﾝｶｸ":            4,
		"Ｆｕｌｌ":            8,
		"e\u0301te\u0301": 3,
		"😀 ok":            5,
		"\u200bx":         1,
	} {
		if got := widthOf(text); got != want {
			t.Errorf("%q fills %d cells, not %d", text, got, want)
		}
	}
}

// What stands in a column begins and ends where it does in other rows, whatever characters are before it.
func TestTable_ColumnsStandBelowEachOtherBesideWideCharacters(t *testing.T) {
	for _, screen := range []Screen{{}, {Width: 34}} {
		table := Table{Columns: Columns("~NAME", "STATE", ">RUNS"), Screen: screen}
		for _, name := range []string{"plain", "数字の名前", "größe 😀", "a name that is much longer", "名前名前名前名前名前名前"} {
			table.Add(name, "RUNNING", "7")
		}
		var out strings.Builder
		if err := table.Write(&out); err != nil {
			t.Fatal(err)
		}
		rows := strings.Split(strings.TrimSpace(out.String()), "\n")
		for _, row := range rows[1:] {
			name, _, _ := strings.Cut(row, "RUNNING")
			title, _, _ := strings.Cut(rows[0], "STATE")
			if widthOf(name) != widthOf(title) || widthOf(row) != widthOf(rows[0]) {
				t.Errorf("%q stands shifted:\n%s", row, out.String())
			}
			if screen.Width > 0 && widthOf(row) > screen.Width {
				t.Errorf("%q does not fit", row)
			}
		}
	}
}

func TestFields_ValuesStandBelowEachOtherBesideWideNames(t *testing.T) {
	var f Fields
	f.Add("名前", "a")
	f.Add("Name", "b")
	var out strings.Builder
	if err := f.Write(&out); err != nil || out.String() != "名前  a\nName  b\n" {
		t.Errorf("%v: %q", err, out.String())
	}
}
