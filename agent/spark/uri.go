package spark

import (
	"cmp"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// imageSpark is where Spark is in the image that users know; such paths mean the release's own.
const imageSpark = "/usr/lib/spark"

// onNode finds the scheme of a URI that names a path on a node; without one, it is a path already.
var onNode = regexp.MustCompile(`^(?:file|local):(?://)?(/.*)$`)

// inImage says whether a URI or path leads into the image's Spark.
func inImage(uri string) bool {
	if found := onNode.FindStringSubmatch(uri); found != nil {
		uri = found[1]
	}
	return uri == imageSpark || strings.HasPrefix(uri, imageSpark+"/")
}

// inRelease returns a URI or path with the image's Spark replaced by the release's. The result is a file of this node,
// which Spark copies to executors: another node may have the release elsewhere.
func (p layout) inRelease(uri string) string {
	if !inImage(uri) {
		return uri
	}
	scheme, rest, _ := strings.Cut(uri, imageSpark)
	path, fragment, alias := strings.Cut(rest, "#")
	path = p.versioned(p.release.SparkHome + path)
	if alias {
		path += "#" + fragment
	}
	if scheme != "" {
		return "file://" + path
	}
	return path
}

// versioned returns the name that a jar has in a distribution, where the image has it without versions:
// spark-examples.jar is spark-examples_2.12-3.5.1.jar. It looks into folders of the release only, whatever the path is.
func (p layout) versioned(path string) string {
	folder, err := filepath.Rel(p.release.SparkHome, filepath.Dir(path))
	name, jar := strings.CutSuffix(filepath.Base(path), ".jar")
	if err != nil || !filepath.IsLocal(folder) || !jar {
		return path
	}
	entries, err := os.ReadDir(filepath.Join(p.release.SparkHome, folder))
	if err != nil {
		return path
	}
	var found []string
	for _, entry := range entries {
		rest, like := strings.CutPrefix(entry.Name(), name+"_")
		switch {
		case entry.Name() == name+".jar":
			return path
		case like && strings.Contains(rest, "-") && strings.HasSuffix(rest, ".jar"):
			found = append(found, entry.Name())
		}
	}
	if len(found) != 1 {
		return path
	}
	return filepath.Join(filepath.Dir(path), found[0])
}

// uris is inRelease for a list with commas.
func (p layout) uris(list string) string {
	var all []string
	for uri := range strings.SplitSeq(list, ",") {
		if uri = strings.TrimSpace(uri); uri != "" {
			all = append(all, p.inRelease(uri))
		}
	}
	return strings.Join(all, ",")
}

// pathScheme finds schemes in a class path, which Java does not know there.
var pathScheme = regexp.MustCompile(`(^|:)(?:file|local):(?://)?/`)

// classPath is inRelease for a class path.
func (p layout) classPath(list string) string {
	entries := strings.Split(pathScheme.ReplaceAllString(list, "$1/"), ":")
	for i, entry := range entries {
		entries[i] = p.inRelease(entry)
	}
	return strings.Join(entries, ":")
}

// sourceOf returns what a URI means, in one form for all URIs that mean the same: a path on this node, or a place in
// object storage. An alias is no part of it.
func (p layout) sourceOf(uri string) string {
	uri, _, _ = strings.Cut(uri, "#")
	if inS3(uri) {
		return storageURI(uri)
	}
	if path, local := p.localPath(uri); local {
		return filepath.Clean(path)
	}
	return uri
}

// localPath returns the path that a URI means on this node, and whether it is on this node at all.
func (p layout) localPath(uri string) (string, bool) {
	uri = p.inRelease(uri)
	path, _, _ := strings.Cut(uri, "#")
	if parsed, err := url.Parse(uri); err == nil && parsed.Scheme != "" {
		if parsed.Scheme != "file" && parsed.Scheme != "local" {
			return "", false
		}
		path = cmp.Or(parsed.Path, parsed.Opaque)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(p.work(), path)
	}
	return path, true
}
