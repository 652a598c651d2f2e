package storage_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/storage"
)

func TestWrite_IsWhatReadAndStatGive(t *testing.T) {
	everywhere(t, func(t *testing.T, client *storage.Client, folder string) {
		for _, content := range []string{"", "a", strings.Repeat("0123456789", 300_000)} {
			uri := storage.Join(folder, "deep/down/100% a+b?ü.gz")
			write(t, client, uri, content)
			got, info := read(t, client, uri, 0)
			if got != content {
				t.Errorf("read %d bytes that are not the %d written", len(got), len(content))
			}
			if info.URI != uri || info.Size != int64(len(content)) || info.Modified.IsZero() {
				t.Errorf("read says %+v of %d bytes at %s", info, len(content), uri)
			}
			if stat, err := client.Stat(t.Context(), uri); err != nil || stat.URI != uri || stat.Size != info.Size ||
				stat.Modified.IsZero() {
				t.Errorf("stat says %+v, %v; read said %+v", stat, err, info)
			}
		}
	})
}

func TestWrite_TakesTheContentFromItsBeginning(t *testing.T) {
	everywhere(t, func(t *testing.T, client *storage.Client, folder string) {
		content := strings.NewReader("whole")
		if _, err := content.Seek(3, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		uri := storage.Join(folder, "file")
		if err := client.Write(t.Context(), uri, content); err != nil {
			t.Fatal(err)
		}
		if got, _ := read(t, client, uri, 0); got != "whole" {
			t.Errorf("read %q", got)
		}
	})
}

func TestRead_BeginsAtTheOffset(t *testing.T) {
	everywhere(t, func(t *testing.T, client *storage.Client, folder string) {
		uri := storage.Join(folder, "log")
		write(t, client, uri, "0123456789")
		for offset, want := range map[int64]string{0: "0123456789", 4: "456789", 9: "9", 10: "", 25: ""} {
			if got, info := read(t, client, uri, offset); got != want || info.Size != 10 || info.URI != uri {
				t.Errorf("from %d: %q of %+v, want %q of 10 bytes", offset, got, info, want)
			}
		}
		if _, _, err := client.Read(t.Context(), uri, -1); !errs.Is(err, errs.Invalid) {
			t.Errorf("from -1: %v, want %s", err, errs.Invalid)
		}
	})
}

func TestMissingFile_IsNotFoundAndNamed(t *testing.T) {
	everywhere(t, func(t *testing.T, client *storage.Client, folder string) {
		write(t, client, storage.Join(folder, "folder/file"), "content")
		for _, name := range []string{"nothing", "no/thing", "folder", "folder/file/below"} {
			uri := storage.Join(folder, name)
			_, _, reading := client.Read(t.Context(), uri, 0)
			_, _, later := client.Read(t.Context(), uri, 5)
			_, stat := client.Stat(t.Context(), uri)
			for _, err := range []error{reading, later, stat} {
				if !errs.Is(err, errs.NotFound) || !strings.Contains(err.Error(), uri) {
					t.Errorf("%s: %v, want %s and the URI", name, err, errs.NotFound)
				}
			}
			if err := client.Delete(t.Context(), uri); err != nil {
				t.Errorf("delete %s, which is not there: %v", name, err)
			}
		}
		if got, _ := read(t, client, storage.Join(folder, "folder/file"), 0); got != "content" {
			t.Errorf("the file beside them has %q", got)
		}
	})
}

func TestDelete_RemovesTheFileOnly(t *testing.T) {
	everywhere(t, func(t *testing.T, client *storage.Client, folder string) {
		for _, name := range []string{"a/1", "a/2"} {
			write(t, client, storage.Join(folder, name), name)
		}
		if err := client.Delete(t.Context(), storage.Join(folder, "a/1")); err != nil {
			t.Fatal(err)
		}
		if got := list(t, client, folder); len(got) != 1 || got[0] != storage.Join(folder, "a/2") {
			t.Errorf("left are %q", got)
		}
	})
}

func TestFolders_AreNoFiles(t *testing.T) {
	everywhere(t, func(t *testing.T, client *storage.Client, folder string) {
		uri := folder + "/"
		_, _, reading := client.Read(t.Context(), uri, 0)
		_, stat := client.Stat(t.Context(), uri)
		for _, err := range []error{
			reading,
			stat,
			client.Write(t.Context(), uri, strings.NewReader("")),
			client.Delete(t.Context(), uri),
		} {
			if !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), uri) {
				t.Errorf("%v, want %s and the URI", err, errs.Invalid)
			}
		}
	})
}

func TestDoneContext_EndsEverything(t *testing.T) {
	everywhere(t, func(t *testing.T, client *storage.Client, folder string) {
		write(t, client, storage.Join(folder, "file"), "old")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := client.Write(ctx, storage.Join(folder, "file"), strings.NewReader("new"))
		if !errs.Is(err, errs.Unavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("write: %v", err)
		}
		for _, err := range client.List(ctx, folder) {
			if !errs.Is(err, errs.Unavailable) || !errors.Is(err, context.Canceled) {
				t.Errorf("list: %v", err)
			}
		}
		if got, _ := read(t, client, storage.Join(folder, "file"), 0); got != "old" {
			t.Errorf("the file has %q", got)
		}
	})
}
