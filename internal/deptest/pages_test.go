package deptest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// listedFrom is how many files a package has, beside its page, from which on its page lists them.
const listedFrom = 3

// Every package has a page, doc.go. If the package has several files, its page names each of them, so that a newcomer
// finds where something is. Only generated code and programs of one file need no page.
func TestPages_NameEveryFile(t *testing.T) {
	seen := 0
	for _, p := range packages(t) {
		files := ownFiles(p)
		if len(files) == 0 || p.Name == "main" && len(files) == 1 {
			continue
		}
		seen++
		page, err := os.ReadFile(filepath.Join(p.Dir, "doc.go"))
		if err != nil {
			t.Errorf("package %s has no page: write its doc.go, with what the package is for", p.name())
			continue
		}
		checkPage(t, p, files, string(page))
	}
	if seen < 100 {
		t.Errorf("only %d packages were looked at", seen)
	}
}

// ownFiles returns the names of a package's files that people wrote, for every operating system: without its page,
// tests and what is generated.
func ownFiles(p pkg) (files []string) {
	for _, name := range slices.Concat(p.GoFiles, p.IgnoredGoFiles) {
		if name != "doc.go" && !strings.HasSuffix(name, "_test.go") && !strings.HasSuffix(name, ".pb.go") {
			files = append(files, name)
		}
	}
	return files
}

// fileName matches the name of a Go file, with the path before it if there is one.
var fileName = regexp.MustCompile(`[\w/]+\.go\b`)

// checkPage holds that a page names the files that there are, and no others. Files of other packages have a path.
func checkPage(t *testing.T, p pkg, files []string, page string) {
	t.Helper()
	named := fileName.FindAllString(page, -1)
	for _, file := range files {
		if len(files) >= listedFrom && !slices.Contains(named, file) {
			t.Errorf("the page of package %s does not say what is in %s", p.name(), file)
		}
	}
	for _, file := range named {
		_, err := os.Stat(filepath.Join(p.Dir, file))
		if err != nil && !strings.Contains(file, "/") && file == strings.ToLower(file) {
			t.Errorf("the page of package %s names %s, which is not there", p.name(), file)
		}
	}
}
