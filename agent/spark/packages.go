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
	release      string // label and digest
	worker       string // the only one that they are for, as they may be something else tomorrow; empty: for all
	coordinates  string // group:artifact:version, separated by commas
	exclusions   string
	repositories string // beside the registry
	site         []byte // the site's own settings of Ivy; nil: it has none
}

// packagesOf returns what a driver wants.
func packagesOf(w *agentv1.AssignedWorker, properties map[string]string) (packages, error) {
	site, err := siteSettings()
	q := packages{
		release:      fmt.Sprintf("%s %x", w.GetReleaseLabel(), w.GetReleaseDigest()),
		coordinates:  trimmed(properties[packagesSetting]),
		exclusions:   trimmed(properties[exclusionsSetting]),
		repositories: trimmed(properties[repositoriesSetting]),
		site:         site,
	}
	if q.changing() {
		q.worker = w.GetWorkerId()
	}
	for _, name := range []string{packagesSetting, exclusionsSetting, repositoriesSetting} {
		if strings.ContainsAny(properties[name], "\r\n") { // the resolver reads lines
			err = errors.Join(err, fmt.Errorf("%s has a line break", name))
		}
	}
	return q, err
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

// siteSettings returns the Ivy settings of the agent's user, by which a site says where jars come from; nil: there are
// none.
func siteSettings() ([]byte, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, nil //nolint:nilerr // nobody's
	}
	content, err := os.ReadFile(filepath.Join(home, ".ivy2", "ivysettings.xml"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the site's settings of Ivy: %w", err)
	}
	return content, nil
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

// ours says whether the agent resolves the packages. If the run brings settings of Ivy, which may name programs, the
// driver itself resolves them.
func (q packages) ours(properties map[string]string) bool {
	return q.coordinates != "" && properties[ivySettingsSetting] == ""
}

// key says what is resolved, so that equal keys give equal jars.
func (q packages) key() string {
	if q.worker != "" {
		return onceKey(q.worker)
	}
	all := fmt.Appendf(nil, "1\n%s\n%s\n%s\n%s\n%s",
		q.release, q.coordinates, q.exclusions, q.repositories, q.site)
	sum := sha256.Sum256(all)
	return hex.EncodeToString(sum[:])
}

// onceKey is the key of what is resolved for one worker.
func onceKey(worker string) string { return "once-" + worker }

// settlePackages replaces packages by their jars, which this node has or which are resolved now. Packages that are not
// ours the driver itself resolves, in its own directory.
func (e *Engine) settlePackages(ctx context.Context, p layout, w *agentv1.AssignedWorker, python bool,
	properties map[string]string,
) error {
	q, err := packagesOf(w, properties)
	if err != nil {
		return refused("cannot resolve packages: %v", err)
	}
	if q.coordinates == "" {
		return nil
	}
	if !q.ours(properties) {
		setDefault(properties, ivySetting, p.own("ivy"))
		return nil
	}
	java, err := e.defaultJava(ctx, p.release) // not the run's own: others use what is resolved, too
	if err != nil {
		return err
	}
	set, err := e.packages.get(ctx, p.release, java, p.plugin, w.GetWorkerId(), q)
	if err != nil {
		return err
	}
	p.home.Show(set.dir)
	replacePackages(properties, set.uris(), python)
	return nil
}

// replacePackages has a driver take jars instead of the packages that they are. Packages may hold Python, too.
func replacePackages(properties map[string]string, uris []string, python bool) {
	properties["spark.jars"] = joined(properties["spark.jars"], uris)
	if python {
		properties["spark.submit.pyFiles"] = joined(properties["spark.submit.pyFiles"], uris)
	}
	for _, name := range []string{packagesSetting, exclusionsSetting, repositoriesSetting} {
		delete(properties, name)
	}
}

// holdPackages keeps the packages of a driver that was adopted.
func (e *Engine) holdPackages(w *agentv1.AssignedWorker) {
	properties := w.GetSparkDriver().GetProperties()
	if q, err := packagesOf(w, properties); err == nil && q.ours(properties) {
		_, _ = e.packages.find(q.key(), w.GetWorkerId()) // one that is gone is not kept
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
