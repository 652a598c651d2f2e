package eventlog

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/headrace/headrace/internal/errs"
)

// logOf returns a log whose parts have these indexes, of ten bytes each, and its mark.
func logOf(indexes ...int) (files []File) {
	for _, index := range indexes {
		files = append(files, File{fmt.Sprintf("eventlog_v2_r_1/events_%d_r_1", index), 10})
	}
	return append(files, File{"eventlog_v2_r_1/appstatus_r_1", 1})
}

func TestA10_AHistoryThatIsTooLargeIsShownFromItsFirstAndNewestFiles(t *testing.T) {
	large := logOf(1, 2, 3, 4)
	large[0].Size = 1000
	compressed := []File{{"eventlog_v2_r_1/events_2_r_1.zstd", 10}, {"eventlog_v2_r_1/events_3_r_1.zstd", 10}}
	for name, c := range map[string]struct {
		kept     []File
		bytes    int64
		want     string // names, with how they are shown after =
		headless string
		whole    bool
	}{
		"all of it": {kept: logOf(1, 2, 3), bytes: 31, want: "1 2 3", whole: true},
		"the order of names is none": {
			kept: logOf(1, 10, 2, 3, 4, 5, 6, 7, 8, 9), bytes: 31, want: "1=8.compact 9 10",
		},
		"a part more than is shown":         {kept: logOf(1, 2, 3, 4), bytes: 31, want: "1=2.compact 3 4"},
		"a part is missing":                 {kept: logOf(1, 2, 4, 5), bytes: 100, want: "1=3.compact 4 5"},
		"the first ones are kept no more":   {kept: logOf(7, 8, 9), bytes: 100, want: "7 8 9", headless: "6"},
		"the first one has more than half":  {kept: large, bytes: 21, want: "3 4", headless: "2"},
		"the first one is shown with one":   {kept: logOf(1, 2, 3), bytes: 21, want: "1=2.compact 3"},
		"what is compressed says how it is": {kept: compressed, bytes: 100, want: "2.zstd 3.zstd", headless: "1"},
	} {
		t.Run(name, func(t *testing.T) {
			shown, err := Choose(c.kept, Bounds{Bytes: c.bytes, Files: 100})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(short(shown.Copies), " "); got != c.want {
				t.Errorf("shown is %s, want %s", got, c.want)
			}
			var headless string
			for _, name := range shown.Headless {
				headless = strings.TrimSuffix(strings.TrimPrefix(name, "eventlog_v2_r_1/events_"), "_r_1.compact")
			}
			if headless != c.headless || (shown.Note() == "") != c.whole {
				t.Errorf("the missing head is %q, want %q; it says %q", headless, c.headless, shown.Note())
			}
		})
	}
}

// short returns the parts, without what all names have.
func short(copies []Copy) (names []string) {
	shorten := strings.NewReplacer("eventlog_v2_r_1/events_", "", "_r_1", "")
	for _, c := range copies {
		switch _, isPart := Part(c.Name); {
		case !isPart:
		case c.As == c.Name:
			names = append(names, shorten.Replace(c.Name))
		default:
			names = append(names, shorten.Replace(c.Name+"="+c.As))
		}
	}
	return names
}

func TestA10_AHistorySaysWhatIsNotShown(t *testing.T) {
	kept := logOf()
	for i := 1; i <= 400; i++ {
		kept = append(kept, File{fmt.Sprintf("eventlog_v2_r_1/events_%d_r_1", i), 16 << 20})
	}
	shown, err := Choose(kept, Usual())
	want := "This history is not whole. 6.3 GiB are kept of its event log, in 400 files; shown are the first file and " +
		"the newest 254, with 4.0 GiB. What happened between them is missing here."
	if got := shown.Note(); err != nil || got != want {
		t.Errorf("it says %q, %v", got, err)
	}
}

// What is refused says which numbers are too large, and what changes that.
func TestA10_WhatCannotBeShownAtAllSaysWhichSettingChangesThat(t *testing.T) {
	var many []File
	for i := range 4 {
		many = append(many, File{fmt.Sprintf("eventlog_v2_r_%d/appstatus_r", i), 1},
			File{fmt.Sprintf("eventlog_v2_r_%d/events_1_r", i), 10})
	}
	for says, kept := range map[string][]File{
		"1 files of its event log, with 41 bytes, are no parts of a rolling one, and at most 10 with 40 bytes are shown; " +
			"leave spark.eventLog.rolling.enabled true": {{"r_1", 40}, {"eventlog_v2_r_1/appstatus_r_1", 1}},
		"has 41 bytes, and at most 40 are shown of a log; make spark.eventLog.rolling.maxFileSize smaller": {
			{"eventlog_v2_r_1/events_1_r_1", 41},
		},
		"its 4 event logs take 12 files at least, and at most 10 are shown; start fewer SparkContexts": many,
	} {
		_, err := Choose(kept, Bounds{Bytes: 40, Files: 10})
		if !errs.Is(err, errs.TooLarge) || !strings.Contains(err.Error(), says) {
			t.Errorf("it says %v, not %q", err, says)
		}
	}
}

// The first part is left out when only the newest fits: a history of the newest is better than none.
func TestA10_TheNewestPartGoesBeforeTheFirst(t *testing.T) {
	kept := logOf(1, 2, 3)[:3]
	kept[2].Size = 12
	shown, err := Choose(kept, Bounds{Bytes: 20, Files: 10})
	if err != nil || fmt.Sprint(short(shown.Copies)) != "[3]" || len(shown.Headless) != 1 {
		t.Errorf("shown are %v and %v, %v", shown.Copies, shown.Headless, err)
	}
}

// A log that was kept before it was finished, and after that again, is one log.
func TestA10_AFinishedLogIsShownOnce(t *testing.T) {
	for want, kept := range map[string][]File{
		"[eventlog_v2_r/appstatus_r]": {{"eventlog_v2_r/appstatus_r.inprogress", 1}, {"eventlog_v2_r/appstatus_r", 1}},
		"[r]":                         {{"r", 20}, {"r.inprogress", 10}},
		"[r.inprogress]":              {{"r", 10}, {"r.inprogress", 20}},
		"[q.inprogress r]":            {{"r", 10}, {"q.inprogress", 20}},
	} {
		shown, err := Choose(kept, Usual())
		var got []string
		for _, c := range shown.Copies {
			got = append(got, c.As)
		}
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("of %v these are shown: %v, %v", kept, got, err)
		}
	}
}

// The numbers are those of all logs, where there are several.
func TestA10_AHistoryOfSeveralLogsSaysWhatIsNotShown(t *testing.T) {
	var kept []File
	for _, log := range []string{"q", "r"} {
		for i := 1; i <= 4; i++ {
			kept = append(kept, File{fmt.Sprintf("eventlog_v2_%s/events_%d_%s", log, i, log), 10})
		}
	}
	shown, err := Choose(append(kept, File{"s", 10}), Bounds{Bytes: 70, Files: 100})
	want := "This history is not whole. 90 bytes are kept of its event log, in 9 files; shown are 7 of these, of each " +
		"log that is too large, or lacks files, the first and the newest, with 70 bytes. What happened before and between " +
		"them is missing here."
	if got := shown.Note(); err != nil || got != want {
		t.Errorf("it says %q, %v", got, err)
	}
}

// Whatever is kept, Spark can read what is shown: see the page of this package.
func TestA10_WhatIsShownIsReadable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		indexes := rapid.SliceOfNDistinct(rapid.IntRange(1, 20), 1, 20, rapid.ID[int]).Draw(t, "parts")
		kept := logOf(indexes...)
		if at := rapid.IntRange(-1, len(indexes)-1).Draw(t, "compacted"); at >= 0 {
			kept[at].Name += compacted
		}
		within := Bounds{
			Bytes: rapid.Int64Range(21, 200).Draw(t, "bytes"),
			Files: rapid.IntRange(3, 20).Draw(t, "files"),
		}
		shown, err := Choose(kept, within)
		if err != nil {
			t.Fatal(err)
		}
		if shown.Bytes > within.Bytes || len(shown.Copies)+len(shown.Headless) > within.Files {
			t.Fatalf("shown is more than %+v: %+v", within, shown)
		}
		var parts []File
		for _, c := range shown.Copies {
			if _, isPart := Part(c.As); isPart {
				parts = append(parts, File{c.As, c.Size})
			}
		}
		for _, name := range shown.Headless {
			parts = append(parts, File{Name: name})
		}
		slices.SortFunc(parts, func(a, b File) int { return Compare(a.Name, b.Name) })
		if len(unbroken(parts)) < len(parts) || !begins(parts[0]) {
			t.Fatalf("of %v these are shown: %v", kept, parts)
		}
	})
}
