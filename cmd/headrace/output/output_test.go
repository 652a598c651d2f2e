package output

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
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
	if want := "{\n  \"record\": \"12\",\n  \"event\": 0\n}\n"; out.String() != want {
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
	if want := `{"at":{"record":"0","event":0},"none":[],"two":[{"record":"1","event":0},{"record":"2","event":0}]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAge_IsInItsLargestUnit(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for ago, want := range map[time.Duration]string{-time.Second: "0s", 59 * time.Second: "59s", 61 * time.Minute: "1h", 5 * time.Minute: "5m", 47 * time.Hour: "47h", 72 * time.Hour: "3d"} {
		if got := Age(now, timestamppb.New(now.Add(-ago))); got != want {
			t.Errorf("%s ago is %q, want %q", ago, got, want)
		}
	}
	if got := Age(now, nil); got != "" {
		t.Errorf("never is %q", got)
	}
}

func TestSeconds_ArePrecisePerSize(t *testing.T) {
	for d, want := range map[time.Duration]string{312 * time.Millisecond: "0.31 s", 12340 * time.Millisecond: "12.3 s", 200 * time.Second: "3 m 20 s"} {
		if got := Seconds(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}
