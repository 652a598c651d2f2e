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
		"<!-- walk: skipp x -->\n```sh\nls\n```\n":                   `there is no "skipp"`,
		"<!-- walk: word DIR=pwd -->\n```sh\nls DIRS\n```\n":         `no word "DIR" in it`,
		"<!-- walk: endless top -->\n```sh\nls\n```\n":               `no command "top" in it`,
		"```sh\nls\n```\n<!-- walk: then true -->\n":                 "no block below",
		"<!-- walk: skip -->\n```sh\nls\n```\n":                      "skip says nothing",
		"<!-- walk: skip a -->\n<!-- walk: skip b -->\n```sh\n```\n": "skip is said twice",
		"<!-- walk:skip a -->\n```sh\nls\n```\n":                     "is not <!-- walk: WORD TEXT -->",
		"<!--walk: skip a -->\n```sh\nls\n```\n":                     "is not <!-- walk: WORD TEXT -->",
		"<!-- walk: first a\n<!-- walk: then b -->\n```sh\n```\n":    "is not <!-- walk: WORD TEXT -->",
		"<!-- walk: then true -->\n```console\n$ ls\n```\n":          `marked as "console"`,
		"<!-- walk: word x -->\n```sh\nls\n```\n":                    "has no =",
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

// The reader is one machine, whether a page names it or not.
func TestMachinesOf_LeavesTheReaderOut(t *testing.T) {
	names := machinesOf([]block{{machines: []string{"reader", "server-1"}}, {machines: []string{"server-1", "node-1"}}})
	if !slices.Equal(names, []string{"server-1", "node-1"}) {
		t.Errorf("the machines are %q", names)
	}
	w := &walker{root: t.TempDir(), dir: t.TempDir()}
	page := filepath.Join(w.root, "page.md")
	text := "<!-- walk: on reader -->\n```sh\nexport A=b\n```\n\n```sh\n[ \"$A\" = b ]\n```\n"
	if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.walk(t.Context(), page); err != nil {
		t.Error(err)
	}
}

func TestAddressOf_KnowsServersAndNodes(t *testing.T) {
	for name, want := range map[string]string{
		"reader":     "10.0.9.1",
		"server-2":   "10.0.0.2",
		"node-254":   "10.0.1.254",
		"node-255":   "",
		"node-0":     "",
		"node-x":     "",
		"server":     "",
		"database-1": "",
	} {
		if got, err := addressOf(name); got != want || (err == nil) != (want != "") {
			t.Errorf("%s has %q, %v", name, got, err)
		}
	}
}

// What whoever walks has set for clusters and clouds of their own, a reader has not.
func TestShell_HasNothingOfWhoeverWalks(t *testing.T) {
	for _, name := range []string{"AWS_PROFILE", "HEADRACE_SERVER", "HEADRACE_CACHE", "OTHER_VARIABLE"} {
		t.Setenv(name, "set")
	}
	w := &walker{root: t.TempDir(), dir: t.TempDir()}
	page := filepath.Join(w.root, "page.md")
	text := "```sh\n[ -z \"${AWS_PROFILE:-}${HEADRACE_SERVER:-}\" ]\n" +
		"[ \"$HEADRACE_CACHE$OTHER_VARIABLE\" = setset ]\n```\n"
	if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.walk(t.Context(), page); err != nil {
		t.Error(err)
	}
}

// What goes on in a terminal is interrupted in the end, and fails if that is not how it ends.
func TestWalk_TellsHowTerminalsEnd(t *testing.T) {
	for commands, want := range map[string]string{
		"trap 'exit 0' INT; echo up; while :; do sleep 0.1; done":   "",
		"trap 'exit 130' INT; echo up; while :; do sleep 0.1; done": "",
		"echo up; exec sleep 60":                                    "",
		"trap 'exit 3' INT; echo up; while :; do sleep 0.1; done":   "page.md:2: in its terminal: exit status 3",
		"echo up; exit 4": "page.md:2: in its terminal: exit status 4",
	} {
		w := &walker{root: t.TempDir(), dir: t.TempDir()}
		page := filepath.Join(w.root, "page.md")
		text := "<!-- walk: until up -->\n```sh\n" + commands + "\n```\n"
		if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := w.walk(t.Context(), page); err != nil {
			t.Errorf("%s: %v", commands, err)
			continue
		}
		if strings.Contains(commands, "exit 4") { // nobody interrupts it
			<-w.terminals[0].ended
		}
		switch err := w.close(); {
		case want == "" && err != nil, want != "" && (err == nil || !strings.HasSuffix(err.Error(), want)):
			t.Errorf("%s: %v, want %q", commands, err, want)
		}
	}
}

// One that ends before it is ready is told as what it is.
func TestWalk_TellsATerminalThatEndsTooEarly(t *testing.T) {
	for commands, want := range map[string]string{
		"true":   "it ended without an error before it printed",
		"exit 3": "exit status 3",
	} {
		w := &walker{root: t.TempDir(), dir: t.TempDir()}
		page := filepath.Join(w.root, "page.md")
		text := "<!-- walk: until up -->\n```sh\n" + commands + "\n```\n"
		if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := w.walk(t.Context(), page)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "%!w") {
			t.Errorf("%s: %v", commands, err)
		}
	}
}
