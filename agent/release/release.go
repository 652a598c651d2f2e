package release

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/headrace/headrace/internal/errs"
)

// manifestName is the file that makes a directory a release.
const manifestName = "release.json"

// EngineSpark is the engine of every release that this version can hold.
const EngineSpark = "spark"

// labelForm is what a label may look like; it is a file name everywhere.
var labelForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// Manifest is what release.json holds.
type Manifest struct {
	Label         string `json:"label"`          // such as emr-7.2.0
	Engine        string `json:"engine"`         // spark
	EngineVersion string `json:"engine_version"` // such as 3.5.1
	SparkHome     string `json:"spark_home"`     // relative to the release's directory
	JavaHome      string `json:"java_home"`      // relative to the release's directory; empty: the machine's own Java
}

// Release is a complete release on this machine.
type Release struct {
	Label         string // such as emr-7.2.0
	Engine        string // spark
	EngineVersion string // such as 3.5.1
	Dir           string // the release's directory, absolute
	SparkHome     string // the distribution, absolute
	JavaHome      string // the release's own Java runtime, absolute; empty: the machine's own
	S3Dir         string // of the jars by which Spark reads s3://, absolute; empty: the distribution's, if it has some
}

// DefaultCache returns the directory that releases are fetched into when nothing else is said:
// $HEADRACE_CACHE/releases, else headrace/releases in the user's cache directory.
func DefaultCache() (string, error) {
	if dir := os.Getenv("HEADRACE_CACHE"); dir != "" {
		return filepath.Join(dir, "releases"), nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", errs.New(errs.Invalid, "cannot find a cache directory, set HEADRACE_CACHE: %w", err)
	}
	return filepath.Join(dir, "headrace", "releases"), nil
}

// Find returns the release of that label from the first root that has it; NotFound if none has.
func Find(roots []string, label string) (Release, error) {
	if err := checkLabel(label); err != nil {
		return Release{}, err
	}
	found, err := findFolder(roots, label)
	if errors.Is(err, fs.ErrNotExist) {
		return Release{}, errs.New(errs.NotFound,
			"release %s is not on this machine; headrace release fetch %s gets it", label, label)
	}
	return found, err
}

// findFolder returns the release in a folder of that name, from the first root that has it; fs.ErrNotExist if none has.
func findFolder(roots []string, folder string) (Release, error) {
	for _, root := range roots {
		found, err := read(filepath.Join(root, folder))
		if !errors.Is(err, fs.ErrNotExist) {
			return found, err
		}
	}
	return Release{}, fs.ErrNotExist
}

// List returns the releases of all roots, one for a label, ordered by label. Damaged ones are left out.
func List(roots []string) []Release {
	return slices.CompactFunc(copies(roots), func(a, b Release) bool { return a.Label == b.Label })
}

// copies returns the releases of all roots, ordered by label and folder; of a label there may be several, with
// different content. The first root that has a folder wins.
func copies(roots []string) []Release {
	byFolder := map[string]Release{}
	for _, root := range slices.Backward(roots) {
		entries, _ := os.ReadDir(root)
		for _, entry := range entries {
			if found, err := read(filepath.Join(root, entry.Name())); err == nil && labelForm.MatchString(found.Label) {
				byFolder[entry.Name()] = found
			}
		}
	}
	return slices.SortedFunc(maps.Values(byFolder), func(a, b Release) int {
		return cmp.Or(strings.Compare(a.Label, b.Label), strings.Compare(filepath.Base(a.Dir), filepath.Base(b.Dir)))
	})
}

// read reads the release in a directory. Its error is fs.ErrNotExist if there is none.
func read(dir string) (Release, error) {
	content, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return Release{}, err
	}
	var m Manifest
	if err := json.Unmarshal(content, &m); err != nil {
		return Release{}, errs.New(errs.Internal, "cannot read %s: %w", filepath.Join(dir, manifestName), err)
	}
	return m.in(dir)
}

// in returns the release that a manifest describes, in that directory.
func (m Manifest) in(dir string) (Release, error) {
	if m.Label != labelOf(filepath.Base(dir)) || !filepath.IsLocal(m.SparkHome) ||
		m.JavaHome != "" && !filepath.IsLocal(m.JavaHome) {
		return Release{}, errs.New(errs.Internal, "cannot use %s: its label or its paths are wrong",
			filepath.Join(dir, manifestName))
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Release{}, err
	}
	r := Release{Label: m.Label, Engine: m.Engine, EngineVersion: m.EngineVersion, Dir: dir}
	r.SparkHome = filepath.Join(dir, m.SparkHome)
	r.S3Dir = s3Of(dir)
	if m.JavaHome != "" {
		r.JavaHome = filepath.Join(dir, m.JavaHome)
	}
	return r, nil
}

// checkLabel refuses what cannot be a label.
func checkLabel(label string) error {
	if !labelForm.MatchString(label) {
		return errs.Field("release_label",
			"%q is no release label: at most 64 of a-z, 0-9, point, - and _, such as emr-7.2.0", label)
	}
	return nil
}
