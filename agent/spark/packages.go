package spark

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// Properties of packages: what SparkSubmit resolves when it finds them.
const (
	packagesSetting     = "spark.jars.packages"
	exclusionsSetting   = "spark.jars.excludes"
	repositoriesSetting = "spark.jars.repositories"
	ivySetting          = "spark.jars.ivy"
	ivySettingsSetting  = "spark.jars.ivySettings"
)

// changingMarks are in versions that are another thing tomorrow.
var changingMarks = []string{"-SNAPSHOT", "latest.", "+", "[", "(", "]", ")"}

// packages is what a run wants from the registry of jars.
type packages struct {
	release      string // label
	coordinates  string // group:artifact:version, separated by commas
	exclusions   string
	repositories string // beside the registry
	site         string // path of the site's own settings of Ivy; empty: it has none
}

// packagesOf returns what a driver wants.
func packagesOf(label string, properties map[string]string) packages {
	return packages{
		release: label, coordinates: trimmed(properties[packagesSetting]), exclusions: trimmed(properties[exclusionsSetting]),
		repositories: trimmed(properties[repositoriesSetting]), site: siteSettings(),
	}
}

// trimmed removes blanks around the parts of a list, and empty parts.
func trimmed(list string) string {
	var parts []string
	for part := range strings.SplitSeq(list, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ",")
}

// siteSettings returns the path of the Ivy settings of the agent's user, by which a site says where jars come from.
func siteSettings() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	path := filepath.Join(home, ".ivy2", "ivysettings.xml")
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// changing says whether the packages may be resolved to something else tomorrow.
func (q packages) changing() bool {
	for _, mark := range changingMarks {
		if strings.Contains(q.coordinates, mark) {
			return true
		}
	}
	return false
}

// shared says whether the packages are resolved once for all. What changes from day to day, or follows settings of Ivy that the run
// brings, which may name programs, the driver itself resolves.
func (q packages) shared(properties map[string]string) bool {
	return q.coordinates != "" && !q.changing() && properties[ivySettingsSetting] == ""
}

// key says what is resolved, so that equal keys give equal jars.
func (q packages) key() (string, error) {
	var site []byte
	if q.site != "" {
		content, err := os.ReadFile(q.site)
		if err != nil {
			return "", errs.New(errs.Unavailable, "cannot read the site's settings of Ivy: %w", err)
		}
		site = content
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "1\n%s\n%s\n%s\n%s\n%s", q.release, q.coordinates, q.exclusions, q.repositories, site))
	return hex.EncodeToString(sum[:]), nil
}

// settlePackages replaces packages by their jars, which this node has, another one brought to the servers, or are resolved now. What
// is not shared the driver itself resolves, in its own directory.
func (e *Engine) settlePackages(ctx context.Context, p place, worker string, python bool, properties map[string]string) error {
	q := packagesOf(p.release.Label, properties)
	if q.coordinates == "" {
		return nil
	}
	if !q.shared(properties) {
		setDefault(properties, ivySetting, p.own("ivy"))
		if q.site != "" {
			setDefault(properties, ivySettingsSetting, q.site)
		}
		return nil
	}
	set, err := e.packages.get(ctx, p.release, p.java, p.plugin, q)
	if err != nil {
		return err
	}
	e.packages.hold(worker, set.dir)
	uris := set.uris()
	properties["spark.jars"] = joined(properties["spark.jars"], uris)
	if python { // packages may hold Python too
		properties["spark.submit.pyFiles"] = joined(properties["spark.submit.pyFiles"], uris)
	}
	for _, name := range []string{packagesSetting, exclusionsSetting, repositoriesSetting} {
		delete(properties, name)
	}
	return nil
}

// holdPackages keeps the packages of a driver that was adopted.
func (e *Engine) holdPackages(w *agentv1.AssignedWorker) {
	properties := w.GetSparkDriver().GetProperties()
	q := packagesOf(w.GetReleaseLabel(), properties)
	if !q.shared(properties) {
		return
	}
	if key, err := q.key(); err == nil {
		e.packages.hold(w.GetWorkerId(), filepath.Join(e.packages.root, key))
	}
}

func setDefault(properties map[string]string, name, value string) {
	if properties[name] == "" {
		properties[name] = value
	}
}

func joined(list string, more []string) string {
	if list != "" {
		more = append([]string{list}, more...)
	}
	return strings.Join(more, ",")
}
