package storage_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/storage"
)

func TestFiles_AreRefusedWhereNothingIsShared(t *testing.T) {
	_, shared := filesOf(t)
	outside := t.TempDir()
	//nolint:gosec // everybody may: the client keeps away
	if err := os.WriteFile(filepath.Join(outside, "file"), []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, client := range map[string]*storage.Client{
		"nothing is":     storage.New(storage.Config{}),
		"another one is": storage.New(storage.Config{}).Files(storage.Access{Below: []string{shared}}),
		"a namesake is": storage.New(storage.Config{}).Files(storage.Access{Below: []string{
			outside[:len(outside)-1],
		}}),
		"a folder more is": storage.New(storage.Config{}).Files(storage.Access{Below: []string{outside + "/more"}}),
	} {
		uri := "file://" + outside + "/file"
		_, _, reading := client.Read(t.Context(), uri, 0)
		_, stat := client.Stat(t.Context(), uri)
		writing := client.Write(t.Context(), uri, strings.NewReader("changed"))
		removing := client.Delete(t.Context(), uri)
		for info, err := range client.List(t.Context(), "file://"+outside) {
			if !errs.Is(err, errs.Forbidden) {
				t.Errorf("%s: listed %v, %v", name, info, err)
			}
		}
		for _, err := range []error{reading, stat, writing, removing} {
			if !errs.Is(err, errs.Forbidden) || !strings.Contains(err.Error(), "shared_directories") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if text, err := os.ReadFile(filepath.Join(outside, "file")); err != nil || string(text) != "secret" {
		t.Errorf("the file has %q, %v", text, err)
	}
}

// Users put links into a shared directory: to files, and in the place of every folder of a path.
func TestFiles_FollowNoLink(t *testing.T) {
	client, shared := filesOf(t)
	outside := t.TempDir()
	if err := errors.Join(
		os.WriteFile(filepath.Join(outside, "file"), []byte("secret"), 0o600),
		os.Mkdir(filepath.Join(shared, "mine"), 0o700),
		os.WriteFile(filepath.Join(shared, "theirs"), []byte("theirs"), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{
		"mine/file":   outside + "/file",
		"folder":      outside,
		"mine/up":     "..",
		"mine/theirs": "../theirs",
	} {
		if err := os.Symlink(to, filepath.Join(shared, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"mine/file", "folder/file", "mine/up/theirs", "mine/theirs"} {
		uri := "file://" + shared + "/" + path
		if content, _, err := client.Read(t.Context(), uri, 0); err == nil {
			_ = content.Close()
			t.Errorf("%s was read", path)
		}
		if _, err := client.Stat(t.Context(), uri); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s: %v", path, err)
		}
		_ = client.Write(t.Context(), uri, strings.NewReader("changed")) // takes a link's place, if anything
	}
	for _, prefix := range []string{"folder", "mine/up"} {
		if got := list(t, client, "file://"+shared+"/"+prefix); len(got) > 0 {
			t.Errorf("below %s are %q", prefix, got)
		}
	}
	for path, want := range map[string]string{outside + "/file": "secret", shared + "/theirs": "theirs"} {
		if text, err := os.ReadFile(path); err != nil || string(text) != want {
			t.Errorf("%s has %q, %v", path, text, err)
		}
	}
}

func TestFiles_AreTouchedWithTheRightsThatHold(t *testing.T) {
	dir := t.TempDir()
	refused := errors.New("refused")
	calls := 0
	client := storage.New(storage.Config{}).
		Files(storage.Access{Below: []string{dir}, Do: func(func() error) error { calls++; return refused }})
	uri := "file://" + dir + "/file"
	_, _, reading := client.Read(t.Context(), uri, 0)
	_, stat := client.Stat(t.Context(), uri)
	for _, err := range []error{
		reading,
		stat,
		client.Write(t.Context(), uri, strings.NewReader("")),
		client.Delete(t.Context(), uri),
	} {
		if !errors.Is(err, refused) {
			t.Errorf("%v", err)
		}
	}
	for _, err := range client.List(t.Context(), "file://"+dir) {
		if !errors.Is(err, refused) {
			t.Errorf("list: %v", err)
		}
	}
	if calls != 5 {
		t.Errorf("%d of 5 calls were made with them", calls)
	}
}
