package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every command of a page is run, or the page says why it is not.
func TestD5_EveryPageWithCommandsIsWalked(t *testing.T) {
	root := filepath.Join("..", "..")
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	_, list, found := strings.Cut(string(makefile), "\nPAGES ?= ")
	if !found {
		t.Fatal("the Makefile does not say which pages are walked")
	}
	list, _, _ = strings.Cut(list, "\n")
	walked := strings.Fields(list)
	for _, page := range append(pages, filepath.Join(root, "README.md")) {
		blocks, err := readPage(page)
		if err != nil {
			t.Error(err)
		}
		name, _ := filepath.Rel(root, page)
		if slices.ContainsFunc(blocks, block.walked) && !slices.Contains(walked, filepath.ToSlash(name)) {
			t.Errorf("%s has commands, and the Makefile's PAGES do not name it", name)
		}
	}
}

func TestReadPage(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.md")
	text := `# A page

<!-- walk: on server-1 server-2 -->
<!-- walk: word NODE=headrace node list | head -n 1 -->
<!-- walk: then
true
-->
` + "```sh\nheadrace node get NODE --output NODES\n```\n\n```sh\nls\n```\n\n" +
		"<!-- walk: skip it opens a browser -->\n```sh\nrm -r /\n```\n" +
		"\n```yaml\na: b\n```\n\n<!-- walk: file /etc/x -->\n```yaml\nc: $d\n```\n"
	if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	blocks, err := readPage(page)
	if err != nil || len(blocks) != 5 {
		t.Fatal(blocks, err)
	}
	if got := machinesOf(blocks); !slices.Equal(got, []string{"server-1", "server-2"}) {
		t.Errorf("the machines are %q", got)
	}
	want := "headrace node get \"$(headrace node list | head -n 1)\" --output NODES\n\ntrue"
	if got := blocks[0].script(); got != want {
		t.Errorf("the script is %q, want %q", got, want)
	}
	var walked []bool
	for _, b := range blocks {
		walked = append(walked, b.walked())
	}
	if want := []bool{true, true, false, false, true}; !slices.Equal(walked, want) {
		t.Errorf("walked are %v, want %v", walked, want)
	}
	if got := blocks[4].script(); !strings.Contains(got, "cat >\"/etc/x\" <<'END-OF-FILE'\nc: $d\nEND-OF-FILE\n") {
		t.Errorf("the file is written by %q", got)
	}
}

// A misspelled word of a page is no silence.
func TestReadPage_Refuses(t *testing.T) {
	for text, want := range map[string]string{
		"<!-- walk: skipp x -->\n```sh\nls\n```\n": `there is no "skipp"`,
		"<!-- walk: word x -->\n```sh\nls\n```\n":  "has no =",
		"```sh\nls\n": "does not end",
	} {
		page := filepath.Join(t.TempDir(), "page.md")
		if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readPage(page); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// A block that fails ends the walk; what one block exports, and where it ends, the next one has.
func TestWalk(t *testing.T) {
	w := &walker{root: t.TempDir(), dir: t.TempDir()}
	page := filepath.Join(w.root, "page.md")
	good := "```sh\nmkdir down && cd down\nexport A=b\n```\n\n" +
		"```sh\n[ \"$A\" = b ] && [ \"$(basename $PWD)\" = down ]\n```\n"
	if err := os.WriteFile(page, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.walk(t.Context(), page); err != nil {
		t.Fatal(err)
	}
	bad := "```sh\nfalse\ntrue\n```\n"
	if err := os.WriteFile(page, []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.walk(t.Context(), page); err == nil || !strings.Contains(err.Error(), "page.md:1: exit status 1") {
		t.Errorf("the walk ends with %v", err)
	}
}
