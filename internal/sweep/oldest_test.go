package sweep

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// start is some time.
var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// item is a thing that was last used so many hours after start.
func item(name string, hour int, bytes int64) Item {
	return Item{
		Name:  name,
		Used:  start.Add(time.Duration(hour) * time.Hour),
		Bytes: bytes,
	}
}

func TestOldest_RemovesWhatIsTooOldThenWhatIsTooMuch(t *testing.T) {
	items := []Item{item("d", 4, 10), item("b", 2, 10), item("a", 2, 10), item("c", 3, 10), item("old", 0, 10)}
	for name, test := range map[string]struct {
		keep Bounds
		gone []string
		left int64
	}{
		"all may stay":         {Bounds{Bytes: 50}, nil, 50},
		"one is too old":       {Bounds{Since: start.Add(time.Hour), Bytes: 50}, []string{"old"}, 40},
		"too much by a byte":   {Bounds{Bytes: 49}, []string{"old"}, 40},
		"the first name first": {Bounds{Bytes: 30}, []string{"old", "a"}, 30},
		"old, then too much":   {Bounds{Since: start.Add(time.Hour), Bytes: 25}, []string{"old", "a", "b"}, 20},
		"nothing may stay":     {Bounds{Bytes: 0}, []string{"old", "a", "b", "c", "d"}, 0},
	} {
		var gone []string
		left, err := Oldest(items, test.keep, func(i Item) (bool, error) {
			gone = append(gone, i.Name)
			return true, nil
		})
		if err != nil || left != test.left || !slices.Equal(gone, test.gone) {
			t.Errorf("%s: removed %q, %d bytes are left, %v", name, gone, left, err)
		}
	}
	if items[0].Name != "d" {
		t.Error("the caller's list has another order")
	}
}

func TestFirst_IsWhatOldestRemovesFirst(t *testing.T) {
	if first, is := First(nil); is {
		t.Errorf("of nothing %+v is first", first)
	}
	items := []Item{item("c", 3, 10), item("b", 1, 10), item("a", 1, 10)}
	if first, is := First(items); !is || first.Name != "a" {
		t.Errorf("%+v is first, %t", first, is)
	}
}

func TestOldest_PassesOverWhatIsInUseOrFails(t *testing.T) {
	items := []Item{item("used", 1, 10), item("broken", 2, 10), item("free", 3, 10), item("new", 4, 10)}
	broken := errors.New("broken")
	var asked []string
	left, err := Oldest(items, Bounds{Bytes: 30}, func(i Item) (bool, error) {
		asked = append(asked, i.Name)
		if i.Name == "broken" {
			return false, broken
		}
		return i.Name == "free", nil
	})
	if left != 30 || !errors.Is(err, broken) || !slices.Equal(asked, []string{"used", "broken", "free"}) {
		t.Errorf("%q were asked, %d bytes are left, %v", asked, left, err)
	}
}

func TestOldest_LeavesNoMoreThanMayStayAndNothingOlderThanWhatWent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var items []Item
		for range rapid.IntRange(0, 20).Draw(t, "items") {
			hour := rapid.IntRange(0, 9).Draw(t, "hour")
			items = append(
				items,
				item(rapid.StringN(1, 3, -1).Draw(t, "name"), hour, rapid.Int64Range(0, 9).Draw(t, "bytes")),
			)
		}
		keep := Bounds{
			Since: start.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "since")) * time.Hour),
			Bytes: rapid.Int64Range(0, 100).Draw(t, "limit"),
		}
		gone := 0
		var newest time.Time
		left, _ := Oldest(items, keep, func(i Item) (bool, error) {
			gone++
			newest = i.Used
			return true, nil
		})
		stays := slices.SortedFunc(slices.Values(items), compare)[gone:]
		var bytes int64
		for _, i := range stays {
			bytes += i.Bytes
			if i.Used.Before(keep.Since) || i.Used.Before(newest) {
				t.Fatalf("%+v stays, with bounds of %+v", i, keep)
			}
		}
		if left != bytes || left > keep.Bytes {
			t.Fatalf("%d bytes are said to be left of %d, and may be %d", left, bytes, keep.Bytes)
		}
	})
}

// Whoever reads a file is not hurt by its removal.
func TestOldest_OfRealFilesLeavesReadersAlone(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("content of "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	reader, err := os.Open(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := io.ReadFull(reader, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	items := []Item{item("a", 1, 12), item("b", 2, 12)}
	left, err := Oldest(items, Bounds{Bytes: 12}, func(i Item) (bool, error) {
		err := os.Remove(filepath.Join(dir, i.Name))
		return err == nil, err
	})
	if err != nil || left != 12 {
		t.Errorf("%d bytes are left, %v", left, err)
	}
	if rest, err := io.ReadAll(reader); err != nil || string(rest) != "ent of a" {
		t.Errorf("its reader got %q, %v", rest, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the oldest file is there: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "b")); err != nil {
		t.Errorf("the newest file: %v", err)
	}
}
