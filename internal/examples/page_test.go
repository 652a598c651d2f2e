package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a page shows is what its run.sh does and what is compared when it runs.
func TestPages_ShowTheCommandsAndWhatTheyPrint(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	for _, e := range all {
		page, err := os.ReadFile(filepath.Join("examples", e.name, "README.md"))
		if err != nil {
			t.Fatal(err)
		}
		script, err := os.ReadFile(filepath.Join("examples", e.name, "run.sh"))
		if err != nil {
			t.Fatal(err)
		}
		want, err := e.want()
		if err != nil {
			t.Fatal(err)
		}
		_, commands, found := strings.Cut(string(script), ". ../common.sh\n\n")
		if !found || !strings.Contains(string(page), "```sh\n"+commands+"```\n") {
			t.Errorf("%s: the page does not show the commands of run.sh:\n%s", e.name, commands)
		}
		if !strings.Contains(string(page), "```\n"+want+"```\n") {
			t.Errorf("%s: the page does not show what it prints:\n%s", e.name, want)
		}
	}
}

// Every folder with a run.sh is run, and the list of examples names it.
func TestExamples_AreAllRunAndListed(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	scripts, err := filepath.Glob("examples/*/run.sh")
	if err != nil || len(scripts) != len(all) {
		t.Errorf("there are %d scripts, %d are run (%v)", len(scripts), len(all), err)
	}
	list, err := os.ReadFile(filepath.Join("examples", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if !strings.Contains(string(list), "["+e.name+"]("+e.name+")") {
			t.Errorf("examples/README.md does not name %s", e.name)
		}
	}
}
