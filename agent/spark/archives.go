package spark

import (
	"cmp"
	"context"
	"path"
	"path/filepath"
	"strings"

	"github.com/headrace/headrace/agent/release"
)

// unpackArchives unpacks the archives of a list into the working directory, each under its alias, so that a Python in
// ./environment is there before the worker starts. Together they may take so many bytes; entry is where the entry
// point is. It returns where they are from, by their folders. For executors Spark does the same, except with
// archives that are on every node.
func (e *Engine) unpackArchives(ctx context.Context, p layout, list, entry string, room int64) (
	map[string]string, error,
) {
	sources := map[string]string{filepath.Join(ownFolder, "conf", hadoopFile): s3Source}
	for whole := range strings.SplitSeq(list, ",") {
		uri, alias, _ := strings.Cut(strings.TrimSpace(whole), "#")
		file, local := p.localPath(uri)
		if uri == "" || !local && !inS3(uri) {
			continue
		}
		name := path.Base(cmp.Or(file, uri))
		alias, err := p.folder(uri, cmp.Or(alias, name), entry)
		if err != nil {
			return nil, err
		}
		written, err := e.unpackArchive(ctx, p, uri, file, alias, room)
		if err != nil {
			return nil, err
		}
		room -= written
		sources[alias] = uri
	}
	return sources, nil
}

// unpackArchive unpacks one archive, which is fetched first if it is in object storage.
func (e *Engine) unpackArchive(ctx context.Context, p layout, uri, file, alias string, room int64) (
	written int64, err error,
) {
	if inS3(uri) {
		name := "archive-" + path.Base(storageURI(uri))
		defer func() { _ = p.home.Work.RemoveAll(inOwn(name)) }()
		if _, err := e.fetchS3(ctx, p, uri, inOwn(name), room, 0o600); err != nil {
			return 0, err
		}
		file = p.own(name)
	}
	archive, err := p.home.Open(file)
	if err != nil {
		return 0, unreadable(err, "cannot find the archive %s on this node", uri)
	}
	defer func() { _ = archive.Close() }()
	if written, err = release.UnpackFile(ctx, archive, p.home.Work, alias, room); err != nil {
		return 0, refused("cannot unpack the archive %s: %v", uri, err)
	}
	return written, nil
}

// folder returns an archive's folder in the working directory. What is there was begun by an agent that died, or by an
// archive with the same alias: it goes, but not the entry point. An alias is one name: the folders of a longer one
// might be links of an archive before it.
func (p layout) folder(uri, alias, entry string) (string, error) {
	alias = filepath.Clean(alias)
	if !filepath.IsLocal(alias) || strings.Contains(alias, "/") || alias == "." || alias == ownFolder {
		return "", refused(
			"cannot unpack the archive %s as %q: it must be a folder of its own in the working directory",
			uri, alias)
	}
	if filepath.Join(p.work(), alias) == entry {
		return "", refused(
			"cannot unpack the archive %s as %q: the entry point %s is there; name another folder after #",
			uri, alias, alias)
	}
	if err := p.home.Work.RemoveAll(alias); err != nil {
		return "", refused("cannot unpack the archive %s: %v", uri, err)
	}
	return alias, nil
}
