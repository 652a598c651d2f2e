package storage_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/storage"
)

func TestList_IsInOrderOfNamesAndStaysBelow(t *testing.T) {
	names := []string{"A", "a-b", "a.txt", "a/b", "a/c/d", "a/c.d", "a0", "ä"}
	everywhere(t, func(t *testing.T, client *storage.Client, folder string) {
		var want []string
		for _, name := range names {
			uri := storage.Join(folder, "logs/"+name)
			write(t, client, uri, name)
			want = append(want, uri)
		}
		slices.Sort(want)
		write(t, client, storage.Join(folder, "logs2/beside"), "")
		write(t, client, storage.Join(folder, "logs.txt"), "")
		for _, prefix := range []string{"logs", "logs/"} {
			if got := list(t, client, storage.Join(folder, prefix)); !slices.Equal(got, want) {
				t.Errorf("below %s are\n%s\nwant\n%s", prefix, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	})
}

func TestList_OfNothingIsEmpty(t *testing.T) {
	everywhere(t, func(t *testing.T, client *storage.Client, folder string) {
		write(t, client, storage.Join(folder, "file"), "")
		for _, name := range []string{"nothing", "no/thing", "file"} {
			if got := list(t, client, storage.Join(folder, name)); got != nil {
				t.Errorf("below %s are %q", name, got)
			}
		}
	})
}

func TestList_TellsSizes(t *testing.T) {
	everywhere(t, func(t *testing.T, client *storage.Client, folder string) {
		write(t, client, storage.Join(folder, "file"), "12345")
		for info, err := range client.List(t.Context(), folder) {
			if err != nil || info.Size != 5 || info.Modified.IsZero() {
				t.Errorf("%+v, %v", info, err)
			}
		}
	})
}

func TestList_GoesOverAllPagesAndStopsWhenTold(t *testing.T) {
	const files = 1050 // a page has 1,000
	everywhere(t, func(t *testing.T, client *storage.Client, folder string) {
		var writers errgroup.Group
		writers.SetLimit(16)
		for n := range files {
			writers.Go(func() error {
				return client.Write(t.Context(), storage.Join(folder, fmt.Sprintf("%04d", n)), strings.NewReader("x"))
			})
		}
		if err := writers.Wait(); err != nil {
			t.Fatal(err)
		}
		got := list(t, client, folder)
		if len(got) != files || !slices.IsSorted(got) || len(slices.Compact(got)) != files {
			t.Errorf("%d files are listed, sorted %v; want each of %d once", len(got), slices.IsSorted(got), files)
		}
		taken := 0
		for _, err := range client.List(t.Context(), folder) {
			if err != nil {
				t.Fatal(err)
			}
			if taken++; taken == 3 {
				break
			}
		}
		if taken != 3 {
			t.Errorf("%d were taken", taken)
		}
	})
}

func TestListOfFiles_LeavesOutLinksAndWhatIsInTheMaking(t *testing.T) {
	client, dir := filesOf(t)
	write(t, client, "file://"+dir+"/folder/file", "content")
	for link, to := range map[string]string{
		"circle":   dir,
		"dangling": "nowhere",
		"itself":   "itself",
		"linked":   "folder/file",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(dir+"/.headrace-1.part", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want := []string{"file://" + dir + "/folder/file"}
	if got := list(t, client, "file://"+dir); !slices.Equal(got, want) {
		t.Errorf("listed are %q, want %q", got, want)
	}
}

// A folder that anybody may fill is not read beyond what may be looked at, and not for nobody.
func TestList_LooksAtABoundedNumberOfNames(t *testing.T) {
	dir := t.TempDir()
	for n := range 30 {
		if err := os.MkdirAll(filepath.Join(dir, "folder", fmt.Sprint(n)), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for limit, want := range map[int]bool{0: false, 31: false, 30: true, 5: true} {
		var failed error
		client := storage.New(storage.Config{}).Files(storage.Access{Below: []string{dir}, MaxEntries: limit})
		for _, err := range client.List(t.Context(), "file://"+dir) {
			failed = err
		}
		if errs.Is(failed, errs.TooLarge) != want {
			t.Errorf("of 31 folders at most %d are looked at: %v", limit, failed)
		}
	}
}
