package fsm_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false,
	"write the outcomes of testdata/*.txt anew, and the log fixture of a new version; read the diff")

// TestStories tells every script of testdata. A line that begins with > is a command; what stands indented below it is
// the outcome: the events that follow, then the rows that change. Invariants are checked after every single event.
func TestStories(t *testing.T) {
	for _, file := range stories(t) {
		t.Run(nameOf(file), func(t *testing.T) { tellStory(t, file) })
	}
}

func stories(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("cannot find stories in testdata: %v", err)
	}
	return files
}

func nameOf(file string) string { return strings.TrimSuffix(filepath.Base(file), ".txt") }

func tellStory(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := tell(newTeller(t), string(text))
	if *rewrite {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != string(text) {
		t.Errorf("%s\ngot:\n%s\nwant:\n%s", file, got, text)
	}
}

// tell returns the story with its outcomes as they are now.
func tell(teller *teller, story string) string {
	var b strings.Builder
	for line := range strings.Lines(story) {
		if strings.HasPrefix(line, "  ") {
			continue // an outcome
		}
		b.WriteString(line)
		if command, found := strings.CutPrefix(strings.TrimSpace(line), "> "); found {
			for _, outcome := range teller.do(command) {
				b.WriteString("  " + outcome + "\n")
			}
		}
	}
	return b.String()
}
