package spark

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

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
	site         []byte // the site's own settings of Ivy; nil: it has none
}

// packagesOf returns what a driver wants.
func packagesOf(label string, properties map[string]string) (packages, error) {
	site, err := siteSettings()
	return packages{
		release: label, coordinates: trimmed(properties[packagesSetting]), exclusions: trimmed(properties[exclusionsSetting]),
		repositories: trimmed(properties[repositoriesSetting]), site: site,
	}, err
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

// siteSettings returns the Ivy settings of the agent's user, by which a site says where jars come from; nil: there are none.
func siteSettings() ([]byte, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, nil //nolint:nilerr // nobody's
	}
	content, err := os.ReadFile(filepath.Join(home, ".ivy2", "ivysettings.xml"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return content, err
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
func (q packages) key() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "1\n%s\n%s\n%s\n%s\n%s", q.release, q.coordinates, q.exclusions, q.repositories, q.site))
	return hex.EncodeToString(sum[:])
}

// settlePackages replaces packages by their jars, which this node has or which are resolved now. What is not shared the driver itself
// resolves, in its own directory.
func (e *Engine) settlePackages(ctx context.Context, p place, worker string, python bool, properties map[string]string) error {
	q, err := packagesOf(p.release.Label, properties)
	if err != nil {
		return refused("cannot read the site's settings of Ivy: %v", err)
	}
	if q.coordinates == "" {
		return nil
	}
	if !q.shared(properties) {
		return p.leavePackages(q, properties)
	}
	java, err := e.defaultJava(ctx, p.release) // not the run's own: others use what is resolved, too
	if err != nil {
		return err
	}
	set, err := e.packages.get(ctx, p.release, java, p.plugin, q)
	if err != nil {
		return err
	}
	p.home.Show(set.dir)
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

// leavePackages lets the driver itself resolve packages, in its own directory, by the site's settings.
func (p place) leavePackages(q packages, properties map[string]string) error {
	setDefault(properties, ivySetting, p.own("ivy"))
	if q.site == nil {
		return nil
	}
	if err := p.write(settingsFile, q.site, 0o600); err != nil {
		return refused("cannot write the site's settings of Ivy: %v", err)
	}
	setDefault(properties, ivySettingsSetting, p.own(settingsFile))
	return nil
}

// holdPackages keeps the packages of a driver that was adopted.
func (e *Engine) holdPackages(w *agentv1.AssignedWorker) {
	properties := w.GetSparkDriver().GetProperties()
	q, err := packagesOf(w.GetReleaseLabel(), properties)
	if err != nil || !q.shared(properties) {
		return
	}
	if set, err := e.packages.find(q.key()); err == nil {
		e.packages.hold(w.GetWorkerId(), set.dir)
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
