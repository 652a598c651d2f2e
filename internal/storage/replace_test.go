package storage_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/storage"
)

func TestWrite_ReplacesTheWholeFile(t *testing.T) {
	everywhere(t, func(t *testing.T, client *storage.Client, folder string) {
		uri := storage.Join(folder, "file")
		write(t, client, uri, strings.Repeat("old", 1000))
		write(t, client, uri, "new")
		if got, info := read(t, client, uri, 0); got != "new" || info.Size != 3 {
			t.Errorf("read %d bytes, %+v", len(got), info)
		}
	})
}

func TestWrite_ShowsOldOrNewAndNoMixture(t *testing.T) {
	const size, writes = 1 << 20, 20
	everywhere(t, func(t *testing.T, client *storage.Client, folder string) {
		uri := storage.Join(folder, "file")
		write(t, client, uri, strings.Repeat("z", size))
		var writer errgroup.Group
		writer.Go(func() error {
			for n := range writes {
				content := strings.Repeat(string(rune('a'+n)), size+n)
				if err := client.Write(t.Context(), uri, strings.NewReader(content)); err != nil {
					return err
				}
			}
			return nil
		})
		for range writes {
			got, _ := read(t, client, uri, 0)
			if len(got) < size || strings.Trim(got, got[:1]) != "" {
				t.Errorf("read a mixture of %d bytes", len(got))
			}
		}
		if err := writer.Wait(); err != nil {
			t.Fatal(err)
		}
	})
}

// broken is content that cannot be read to its end.
type broken struct{ *strings.Reader }

var errBroken = errors.New("broken")

func (b broken) Read(p []byte) (int, error) {
	if b.Len() < 5 {
		return 0, errBroken
	}
	return b.Reader.Read(p[:min(len(p), 1)])
}

func (b broken) WriteTo(io.Writer) (int64, error) { return 0, errBroken }

func TestWrite_OfBrokenContentLeavesTheOldFile(t *testing.T) {
	everywhere(t, func(t *testing.T, client *storage.Client, folder string) {
		uri := storage.Join(folder, "file")
		write(t, client, uri, "old")
		if err := client.Write(t.Context(), uri, broken{strings.NewReader("0123456789")}); !errors.Is(err, errBroken) {
			t.Errorf("%v, want %v as its cause", err, errBroken)
		}
		if got, _ := read(t, client, uri, 0); got != "old" {
			t.Errorf("the file has %q", got)
		}
	})
}

func TestWriteToFile_LeavesNothingBeside(t *testing.T) {
	client, dir := filesOf(t)
	_ = client.Write(t.Context(), "file://"+dir+"/broken", broken{strings.NewReader("0123456789")})
	write(t, client, "file://"+dir+"/whole", "content")
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "whole" {
		t.Errorf("there are %v, %v", entries, err)
	}
}

func TestWriteToFile_WhereAFolderIsSaysWhy(t *testing.T) {
	client, dir := filesOf(t)
	write(t, client, "file://"+dir+"/folder/file", "content")
	for _, path := range []string{"/folder", "/folder/file/below"} {
		err := client.Write(t.Context(), "file://"+dir+path, strings.NewReader(""))
		if !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), dir+path) {
			t.Errorf("%s: %v, want %s and the URI", path, err, errs.Invalid)
		}
	}
	if left, _ := filepath.Glob(dir + "/.headrace-*"); left != nil {
		t.Errorf("left behind: %v", left)
	}
}
