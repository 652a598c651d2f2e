package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/internal/printable"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func TestTable_ColumnsLineUp(t *testing.T) {
	table := Table{Columns: Columns("NAME", ">WORKERS", "NOTE")}
	table.Add("größe", "7", "")
	table.Add("a", "1200", "two\nlines")
	table.Add("missing")
	var out strings.Builder
	if err := table.Write(&out); err != nil {
		t.Fatal(err)
	}
	want := `NAME     WORKERS  NOTE
größe          7  -
a           1200  two lines
missing        -  -
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestFields_LineUpAndLeaveOutWhatIsEmpty(t *testing.T) {
	var f Fields
	f.Add("State", "FAILED")
	f.Add("Tags", "")
	f.Add("Why it is so", "first\nsecond\n")
	var out strings.Builder
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	want := "State         FAILED\nWhy it is so  first\n              second\n"
	if out.String() != want {
		t.Errorf("got\n%q\nwant\n%q", out.String(), want)
	}
}

func TestJSON_IsStableAndInTheAPIsNames(t *testing.T) {
	var out bytes.Buffer
	if err := JSON(&out, &controlv1.Position{Record: 12}); err != nil {
		t.Fatal(err)
	}
	if want := "{\n  \"record\": 12,\n  \"event\": 0\n}\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestJSONParts_MakeOneObject(t *testing.T) {
	var parts JSONParts
	if err := parts.Add("at", &controlv1.Position{}); err != nil {
		t.Fatal(err)
	}
	if err := AddList(&parts, "none", []*controlv1.Position(nil)); err != nil {
		t.Fatal(err)
	}
	if err := AddList(&parts, "two", []*controlv1.Position{{Record: 1}, {Record: 2}}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := parts.Write(&out); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(out.String()), "")
	want := `{"at":{"record":0,"event":0},"none":[],"two":[{"record":1,"event":0},{"record":2,"event":0}]}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAge_IsInItsLargestUnit(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for ago, want := range map[time.Duration]string{
		-time.Second:     "0s",
		59 * time.Second: "59s",
		61 * time.Minute: "1h",
		5 * time.Minute:  "5m",
		47 * time.Hour:   "47h",
		72 * time.Hour:   "3d",
	} {
		if got := Age(now, timestamppb.New(now.Add(-ago))); got != want {
			t.Errorf("%s ago is %q, want %q", ago, got, want)
		}
	}
	if got := Age(now, nil); got != "" {
		t.Errorf("never is %q", got)
	}
}

func TestSeconds_ArePrecisePerSize(t *testing.T) {
	for d, want := range map[time.Duration]string{
		312 * time.Millisecond:   "0.31 s",
		12340 * time.Millisecond: "12.3 s",
		200 * time.Second:        "3 m 20 s",
	} {
		if got := Seconds(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}

// acting holds everything that does something to a terminal.
const acting = "a\x1b]0;x\x07\x1b[2J\u009b31m\u202eb\u2028c\x7f\xff"

// quiet holds that a text does nothing to a terminal but stand on it, in lines.
func quiet(t *testing.T, what, text string) {
	t.Helper()
	if strings.ContainsFunc(text, func(r rune) bool { return printable.Acts(r) && r != '\n' && r != '\t' }) ||
		!utf8.ValidString(text) {
		t.Errorf("%s acts on a terminal: %q", what, text)
	}
}

func TestPrint_NothingActsOnTheTerminal(t *testing.T) {
	var out strings.Builder
	table := Table{Columns: Columns("NAME", "NOTE")}
	fields := Fields{}
	table.Add(acting, "n")
	fields.Add("Name", acting+"\nsecond line")
	must(t, Print(&out, "%s and %v\n", acting, errors.New(acting)), Line(&out, "two\nlines %s", acting),
		table.Write(&out), fields.Write(&out))
	quiet(t, "text", out.String())
	for _, want := range []string{"a^[]0;x^G^[[2J", `\u009b31m\u202eb`, `\xff`, "two^Jlines", "\n      second line\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q lacks %q", out.String(), want)
		}
	}
}

// What is written to change a terminal is written here alone.
func TestPrint_OwnSequencesStayWhole(t *testing.T) {
	var out strings.Builder
	must(t, Rewrite(&out, 0, "12:00 %s", acting), Paint(&out, "31", acting))
	if text := out.String(); strings.Count(text, "\x1b") != 3 || !strings.HasPrefix(text, "\r\x1b[K12:00 a^[") ||
		!strings.Contains(text, "\x1b[31ma^[") || !strings.HasSuffix(text, "\x1b[0m\n") {
		t.Errorf("%q", text)
	}
}

// A line that is written over stays one line on a narrow terminal.
func TestD2_ALineThatChangesFitsTheTerminal(t *testing.T) {
	var out strings.Builder
	must(t, Rewrite(&out, 20, "12:00  %s", "QUEUED  it is number 1 of 1"), Rewrite(&out, 20, "12:01  RUNNING"))
	if want := "\r\x1b[K12:00  QUEUED  it…\r\x1b[K12:01  RUNNING"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

func TestJSON_ActsNotAndMeansTheSame(t *testing.T) {
	text := strings.TrimSuffix(acting, "\xff") + `"\u009b`
	var out strings.Builder
	must(t, JSON(&out, specv1.JobRun_builder{Name: &text}.Build()), JSONValue(&out, map[string]string{"name": text}))
	quiet(t, "JSON", out.String())
	decoder := json.NewDecoder(strings.NewReader(out.String()))
	for decoder.More() {
		var read struct{ Name string }
		if must(t, decoder.Decode(&read)); read.Name != text {
			t.Errorf("%q became %q", text, read.Name)
		}
	}
}

func TestLog_ShowsOnATerminalAndPassesOnElsewhere(t *testing.T) {
	text := "größe\t" + acting + "\n…end\xe2\x80"
	for name, c := range map[string]struct {
		terminal, raw bool
		want          string
	}{
		"terminal":     {true, false, printable.Escape(text, "\n\t")},
		"terminal raw": {true, true, text},
		"file":         {false, false, text},
	} {
		for size := 1; size < len(text); size++ { // characters may come in parts
			var out strings.Builder
			log := Log(&out, c.terminal, c.raw)
			for rest := []byte(text); len(rest) > 0; rest = rest[min(size, len(rest)):] {
				n, err := log.Write(rest[:min(size, len(rest))])
				if must(t, err); n != min(size, len(rest)) {
					t.Fatalf("%s: %d bytes were written", name, n)
				}
			}
			if must(t, log.Close()); out.String() != c.want {
				t.Errorf("%s in parts of %d: %q, want %q", name, size, out.String(), c.want)
			}
		}
	}
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}
