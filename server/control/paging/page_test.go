package paging

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/headrace/headrace/internal/errs"
)

// FuzzLastOf holds that a token that was made names what it was made of, and that any other is refused or names
// something: it never panics, and never grows.
func FuzzLastOf(f *testing.F) {
	for _, seed := range []string{
		"", "01arz3ndektsv4rrffq69g5fav", "zone-a\x00n1\x001", "!", "QUJD", strings.Repeat("QUJD", 300),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if last, err := lastOf(s); err != nil && !errs.Is(err, errs.Invalid) || len(last) > len(s) {
			t.Errorf("%q gives %q, %v", s, last, err)
		}
		token := TokenOf(s)
		if last, err := lastOf(token); len(token) <= 1024 && (err != nil || last != s) {
			t.Errorf("%q came back as %q, %v", s, last, err)
		}
		if _, err := (Page{After: s}).Number(); err != nil && !errs.Is(err, errs.Invalid) {
			t.Errorf("%q as a number: %v", s, err)
		}
	})
}

func TestPage_EndsWhereTheNextBegins(t *testing.T) {
	rows := []int{1, 2, 3, 4, 5, 6, 7}
	even := func(n int) bool { return n%2 == 0 }
	name := func(n int) string { return string(rune('0' + n)) }
	message := func(n int) *wrapperspb.StringValue { return wrapperspb.String(name(n)) }
	for count, want := range map[int]string{1: "2", 2: "4", 3: "", 4: ""} {
		got, next := Cut(Page{Max: count}, slices.Values(rows), even, name, message)
		if last, err := lastOf(next); err != nil || last != want || len(got) != min(count, 3) {
			t.Errorf("of %d: %v, next behind %q, %v; expected %q", count, got, last, err, want)
		}
	}
}

// A page of large rows was larger than clients take.
func TestPage_EndsBeforeItIsTooLarge(t *testing.T) {
	rows := []int{1, 2, 3, 4, 5}
	name := func(n int) string { return string(rune('0' + n)) }
	large := func(int) *wrapperspb.BytesValue { return wrapperspb.Bytes(make([]byte, maxPageBytes*2/5)) }
	seen, after := 0, 0
	for pages := 1; ; pages++ {
		got, next := Cut(Page{Max: 50}, slices.Values(rows[after:]), func(int) bool { return true }, name, large)
		if seen += len(got); next == "" {
			if pages != 3 || seen != 5 {
				t.Errorf("%d rows on %d pages", seen, pages)
			}
			return
		}
		last, err := lastOf(next)
		if err != nil || len(got) != 2 {
			t.Fatalf("%d rows, %v", len(got), err)
		}
		after = int(last[0] - '0')
	}
}
