package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/headrace/headrace/cmd/headrace/manifest"
	"github.com/headrace/headrace/internal/errs"
)

// readSet reads files, the files of directories, and the standard input for "-".
func readSet(ctx context.Context, in io.Reader, paths []string) (*manifest.Set, error) {
	set := &manifest.Set{}
	var problems []manifest.Problem
	read := false
	for _, path := range paths {
		files, err := filesOf(path)
		if err != nil {
			return nil, errs.Field("file", "cannot read it: %w", err)
		}
		for _, file := range files {
			content, err := contentOf(ctx, in, file)
			if err != nil {
				return nil, errs.Field("file", "cannot read it: %w", err)
			}
			read = true
			problems = append(problems, set.Read(named(file), content)...)
		}
	}
	if !read {
		return nil, errs.Field("file", "cannot find a file that ends in .yaml, .yml or .json in %s",
			strings.Join(paths, ", "))
	}
	if err := manifest.Error("file", append(problems, set.Twice()...)); err != nil {
		return nil, err
	}
	if len(set.Applications)+len(set.JobRuns) == 0 {
		return nil, errs.Field("file", "cannot find an Application or a JobRun in %s", strings.Join(paths, ", "))
	}
	return set, nil
}

// filesOf returns a file itself, or the files of a directory by name.
func filesOf(path string) ([]string, error) {
	if path == "-" {
		return []string{path}, nil
	}
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, entry := range entries {
		if !entry.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(entry.Name())) {
			files = append(files, filepath.Join(path, entry.Name()))
		}
	}
	return files, nil
}

func contentOf(ctx context.Context, in io.Reader, path string) ([]byte, error) {
	if path == "-" {
		return readAll(ctx, named(path), func() (io.ReadCloser, error) { return io.NopCloser(in), nil })
	}
	return readFile(ctx, path)
}

// named is what a file is called in messages.
func named(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}
