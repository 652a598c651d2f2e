package spark

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/headrace/headrace/agent/release"
)

// unpackArchives unpacks the archives of a run into the driver's working directory, each under its alias, so that a Python in
// ./environment is there before the driver starts. Spark does the same for executors.
func (p place) unpackArchives(archives string) error {
	for uri := range strings.SplitSeq(archives, ",") {
		uri, alias, _ := strings.Cut(strings.TrimSpace(uri), "#")
		file, local := p.localPath(uri)
		if uri == "" || !local {
			continue
		}
		if alias == "" {
			alias = path.Base(file)
		}
		alias = filepath.Clean(alias)
		if first, _, _ := strings.Cut(alias, "/"); !filepath.IsLocal(alias) || first == "." || first == ownFolder {
			return refused("cannot unpack the archive %s as %q: it must be a folder of its own in the working directory", uri, alias)
		}
		to := filepath.Join(p.work(), alias)
		if err := os.RemoveAll(to); err != nil { // an agent that died in between may have begun it
			return refused("cannot unpack the archive %s: %v", uri, err)
		}
		if err := release.UnpackFile(file, to); err != nil {
			return refused("cannot unpack the archive %s: %v", uri, err)
		}
	}
	return nil
}
