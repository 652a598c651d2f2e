package output

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func onScreen(t *testing.T, screen Screen) string {
	t.Helper()
	table := Table{Columns: Columns("ID", "~NAME", "STATE", ">RUNS", "~REASON"), Screen: screen}
	table.Add("01m82zzcejjnerja860zpwtzhq", "a name of a run", "FAILED", "7", strings.Repeat("because ", 20))
	table.Add("01m82zzcfdz8gd34pxbbcysgjx", "short", "SUCCESS", "12", "")
	var out strings.Builder
	if err := table.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func longest(text string) (width int) {
	for line := range strings.SplitSeq(text, "\n") {
		width = max(width, utf8.RuneCountInString(line))
	}
	return width
}

// Where a table is piped nothing is cut or coloured; on a terminal it fits, and only free text is cut.
func TestD4_TablesFitTheTerminal(t *testing.T) {
	if piped := onScreen(t, Screen{}); longest(piped) < 200 || strings.ContainsAny(piped, "…\x1b") {
		t.Errorf("what is piped was changed:\n%s", piped)
	}
	for _, width := range []int{220, 160, 100, 80} {
		text := onScreen(t, Screen{Width: width})
		if longest(text) > width {
			t.Errorf("a table for %d characters has %d:\n%s", width, longest(text), text)
		}
		for _, whole := range []string{"01m82zzcejjnerja860zpwtzhq", "FAILED", "a name of a run", "RUNS"} {
			if !strings.Contains(text, whole) {
				t.Errorf("a table for %d characters lacks %s:\n%s", width, whole, text)
			}
		}
		if strings.Contains(text, "…") != (width < 220) {
			t.Errorf("a table for %d characters:\n%s", width, text)
		}
	}
	if narrow := onScreen(t, Screen{Width: 20}); !strings.Contains(narrow, "01m82zzcejjnerja860zpwtzhq  a name of a…") {
		t.Errorf("a very narrow table:\n%s", narrow)
	}
}

func TestD4_StatesAreColouredWhereTheTerminalHasColours(t *testing.T) {
	plain := onScreen(t, Screen{})
	coloured := onScreen(t, Screen{Colour: true})
	for _, state := range []string{"\x1b[31mFAILED\x1b[0m ", "\x1b[32mSUCCESS\x1b[0m"} {
		if !strings.Contains(coloured, state) {
			t.Errorf("%q is not in\n%q", state, coloured)
		}
	}
	bare := strings.NewReplacer("\x1b[31m", "", "\x1b[32m", "", "\x1b[0m", "").Replace(coloured)
	if bare != plain {
		t.Errorf("without colours it is\n%s, not\n%s", bare, plain)
	}
	f := Fields{Screen: Screen{Colour: true}}
	f.Add("State", "RUNNING")
	f.Add("Name", "RUNNING") // a user's word
	var out strings.Builder
	if err := f.Write(&out); err != nil || out.String() != "State  \x1b[32mRUNNING\x1b[0m\nName   RUNNING\n" {
		t.Errorf("fields are %q, %v", out.String(), err)
	}
}
