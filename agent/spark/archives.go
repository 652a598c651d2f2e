package spark

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/internal/errs"
)

// archivesOfRun is the property with the archives of a run.
const archivesOfRun = "spark.archives"

// archives unpacks the archives of a list into a working directory.
type archives struct {
	engine  *Engine
	layout  layout
	entry   string            // where the entry point is
	placed  map[string]string // where the files are from that are there already, by their names
	room    int64             // bytes that they may still take
	list    []string          // the URIs for Spark
	sources map[string]string // where they are from, by their folders
}

// unpackArchives unpacks the archives of a list into the working directory, each under its alias, so that a Python in
// ./environment is there before the worker starts. Together they may take so many bytes; entry is where the entry
// point is, and placed are the files of the run that are there. It returns where the archives are from, by their
// folders, and the list for Spark, which does the same for executors, except with archives that are on every node. What
// Spark would not unpack as it was packed stands there as an archive of the same content that it does.
func (e *Engine) unpackArchives(
	ctx context.Context, p layout, list, entry string, placed map[string]string, room int64,
) (sources map[string]string, forSpark string, err error) {
	a := &archives{
		engine:  e,
		layout:  p,
		entry:   entry,
		placed:  placed,
		room:    room,
		sources: map[string]string{filepath.Join(ownFolder, "conf", hadoopFile): s3Source},
	}
	for whole := range strings.SplitSeq(list, ",") {
		if whole = strings.TrimSpace(whole); whole == "" {
			continue
		}
		if err := a.add(ctx, whole); err != nil {
			return nil, "", err
		}
	}
	return a.sources, strings.Join(a.list, ","), nil
}

// add unpacks one archive. What Spark itself fetches is left to Spark.
func (a *archives) add(ctx context.Context, whole string) error {
	uri, alias, _ := strings.Cut(whole, "#")
	file, local := a.layout.localPath(uri)
	if !local && !inS3(uri) {
		a.list = append(a.list, whole)
		return nil
	}
	alias = filepath.Clean(cmp.Or(alias, path.Base(cmp.Or(file, uri))))
	if other, taken := a.sources[alias]; taken && a.layout.sourceOf(other) == a.layout.sourceOf(uri) {
		return nil // it was named before
	}
	if err := a.checkFolder(uri, alias); err != nil {
		return err
	}
	archive, err := a.open(ctx, uri, file)
	if err != nil {
		return err
	}
	defer func() { _ = archive.Close() }()
	if err := a.layout.home.Work.RemoveAll(alias); err != nil { // an agent that died had begun it
		return refused("cannot unpack the archive %s: %v", uri, err)
	}
	if err := a.unpack(ctx, archive, uri, alias); err != nil {
		return err
	}
	a.sources[alias] = uri
	if onNodes(uri) || sparkUnpacks(archive, uri) {
		a.list = append(a.list, whole)
		return nil
	}
	return a.repack(ctx, uri, alias)
}

// open opens an archive, which is fetched first if it is in object storage. The file that was fetched has no name any
// more: it goes when it is closed.
func (a *archives) open(ctx context.Context, uri, file string) (*os.File, error) {
	p := a.layout
	if inS3(uri) {
		name := inOwn("archive-" + path.Base(storageURI(uri)))
		defer func() { _ = p.home.Work.RemoveAll(name) }()
		if _, err := a.engine.fetchS3(ctx, p, uri, name, a.room, 0o600); err != nil {
			return nil, err
		}
		archive, err := p.home.Work.Open(name)
		if err != nil {
			return nil, refused("cannot read the archive %s that was fetched: %v", uri, err)
		}
		return archive, nil
	}
	if info, err := p.home.Stat(file); err == nil && info.IsDir() {
		return nil, unusable("cannot unpack the archive %s: it is a folder; pack it, such as with tar czf", uri)
	}
	archive, err := p.home.Open(file)
	if err != nil {
		return nil, unreadable(err, "cannot find the archive %s on this node", uri)
	}
	return archive, nil
}

// unpack unpacks an archive into its folder.
func (a *archives) unpack(ctx context.Context, archive *os.File, uri, alias string) error {
	written, err := release.UnpackFile(ctx, archive, a.layout.home.Work, alias, a.room)
	a.room -= written
	return archiveError(uri, err)
}

// sparkUnpacks says whether Spark unpacks an archive as it was packed, executables and links included. It goes by the
// name, and does so for no other kind: a zip loses both, and of bz2 and xz it knows nothing.
func sparkUnpacks(archive *os.File, uri string) bool {
	name := strings.ToLower(uri)
	named := strings.HasSuffix(name, ".tar.gz") || strings.HasSuffix(name, ".tgz")
	return named && release.IsGzip(archive)
}

// repack packs the folder of an archive as a kind that Spark unpacks, for executors.
func (a *archives) repack(ctx context.Context, uri, alias string) error {
	name := inOwn(fmt.Sprintf("headrace-archive-%d.tar.gz", len(a.list)+1))
	work := a.layout.home.Work
	file, err := work.Create(name, 0o600)
	if err != nil {
		return refused("cannot pack the archive %s for executors: %v", uri, err)
	}
	written, err := release.PackFolder(ctx, work, alias, file, a.room)
	if closed := file.Close(); err == nil {
		err = closed
	}
	a.room -= written
	a.sources[name] = uri
	to := url.URL{Scheme: "file", Path: filepath.Join(a.layout.work(), name), Fragment: alias}
	a.list = append(a.list, to.String())
	return archiveError(uri, err)
}

// archiveError says why an archive cannot be unpacked, and whether another node could.
func archiveError(uri string, err error) error {
	switch {
	case err == nil:
		return nil
	case errs.Is(err, errs.Invalid) || errs.Is(err, errs.TooLarge):
		return unusable("cannot unpack the archive %s: %v", uri, err)
	}
	return refused("cannot unpack the archive %s: %v", uri, err)
}

// checkFolder holds that an archive may have a folder of that name in the working directory: nothing else of the run is
// there. An alias is one name: the folders of a longer one might be links of an archive before it.
func (a *archives) checkFolder(uri, alias string) error {
	if !filepath.IsLocal(alias) || strings.Contains(alias, "/") || alias == "." || alias == ownFolder {
		return unusable(
			"cannot unpack the archive %s as %q: it must be a folder of its own in the working directory",
			uri, alias)
	}
	if filepath.Join(a.layout.work(), alias) == a.entry {
		return unusable(
			"cannot unpack the archive %s as %q: the entry point %s is there; name another folder after #",
			uri, alias, alias)
	}
	if other, taken := a.placed[alias]; taken {
		return unusable("cannot unpack the archive %s as %q: %s of %s is there; name another folder after #",
			uri, alias, other, filesSetting)
	}
	if other, taken := a.sources[alias]; taken {
		return unusable("cannot unpack the archive %s as %q: %s is unpacked there; name another folder after #",
			uri, alias, other)
	}
	return nil
}
