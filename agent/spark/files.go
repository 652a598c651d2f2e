package spark

import (
	"cmp"
	"context"
	"path"
	"path/filepath"
	"strings"
)

// filesSetting is the property with the files of a run.
const filesSetting = "spark.files"

// runnableMode is that of files in a working directory: Spark makes those of executors executable, so that a PEX among
// them can be the run's Python.
const runnableMode = 0o700

// files puts the files of a list into a driver's working directory.
type files struct {
	engine  *Engine
	layout  layout
	entry   string            // where the entry point is
	program string            // its URI
	room    int64             // bytes that they may still take
	list    []string          // the URIs for Spark
	sources map[string]string // where they are from, by their names
}

// placeFiles puts a run's files into the driver's working directory, each under its alias, as Spark's cluster managers
// do; for executors Spark does it. It returns where they are from, by their names, and how many bytes of disk are left.
// Spark has no aliases where a driver is its own client: it gets the file that has the name already. The entry point of
// the URI program is at entry already.
func (e *Engine) placeFiles(ctx context.Context, p layout, properties map[string]string, entry, program string,
	room int64,
) (sources map[string]string, left int64, err error) {
	f := &files{
		engine:  e,
		layout:  p,
		entry:   entry,
		program: program,
		room:    room,
		sources: map[string]string{},
	}
	for uri := range strings.SplitSeq(properties[filesSetting], ",") {
		if uri = strings.TrimSpace(uri); uri == "" {
			continue
		}
		if err := f.add(ctx, uri); err != nil {
			return nil, 0, err
		}
	}
	if len(f.list) > 0 {
		properties[filesSetting] = strings.Join(f.list, ",")
	}
	return f.sources, f.room, nil
}

// add places one file. What Spark itself fetches, patterns and folders are left to Spark.
func (f *files) add(ctx context.Context, whole string) error {
	uri, alias, _ := strings.Cut(whole, "#")
	file, local := f.layout.localPath(uri)
	if !local && !inS3(uri) || strings.ContainsAny(uri, "*?[{") || local && f.isFolder(file) {
		f.list = append(f.list, whole)
		return nil
	}
	name := filepath.Clean(cmp.Or(alias, path.Base(cmp.Or(file, uri))))
	if !filepath.IsLocal(name) || strings.Contains(name, "/") || name == "." || name == ownFolder {
		return unusable("cannot put the file %s into the working directory as %q: give it a name of its own after #",
			uri, name)
	}
	to := filepath.Join(f.layout.work(), name)
	if to == f.entry && !f.isProgram(uri, file) {
		return unusable("cannot put the file %s into the working directory as %q: the entry point %s is there; "+
			"name another one after #", uri, name, f.program)
	}
	other, taken := f.sources[name]
	if taken && f.layout.sourceOf(other) == f.layout.sourceOf(uri) {
		return nil // it was named before
	}
	if taken {
		return unusable("cannot put the file %s into the working directory as %q: %s is there; name another one after #",
			uri, name, other)
	}
	if alias != "" {
		uri = "file://" + to
	}
	f.list = append(f.list, uri)
	if to == f.entry || to == filepath.Clean(file) {
		return nil // it is there already
	}
	f.sources[name] = whole
	return f.copy(ctx, whole, file, name)
}

// isProgram says whether a file is the entry point, by its own URI or by where it is.
func (f *files) isProgram(uri, file string) bool {
	return filepath.Clean(file) == f.entry || f.layout.sourceOf(uri) == f.layout.sourceOf(f.program)
}

func (f *files) isFolder(file string) bool {
	info, err := f.layout.home.Stat(file)
	return err == nil && info.IsDir()
}

// copy brings one file into the working directory, with the worker's rights.
func (f *files) copy(ctx context.Context, whole, file, name string) error {
	uri, _, _ := strings.Cut(whole, "#")
	if inS3(uri) {
		written, err := f.engine.fetchS3(ctx, f.layout, uri, name, f.room, runnableMode)
		f.room -= written
		return err
	}
	content, err := f.layout.home.Open(file)
	if err != nil {
		return unreadable(err, "cannot find %s of %s on this node", uri, filesSetting)
	}
	defer func() { _ = content.Close() }()
	written, err := f.layout.save(uri, content, name, f.room, runnableMode)
	f.room -= written
	return err
}
