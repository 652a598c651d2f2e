package release

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/headrace/headrace/internal/errs"
)

// Where a distribution says its version: in the name of spark-core's jar, after Scala's, and in its file RELEASE.
var (
	coreJar     = regexp.MustCompile(`^spark-core_[0-9.]+-([0-9]+\.[0-9]+[0-9A-Za-z.+_-]*)\.jar$`)
	releaseFile = regexp.MustCompile(`^Spark ([0-9]+\.[0-9]+[0-9A-Za-z.+_-]*)`)
)

// recognise finds the Spark distribution in a directory or in its only folder that has spark-core's jar, and its
// version.
func recognise(dir string) (sparkHome, version string, err error) {
	for _, depth := range []string{".", "*"} {
		jars, _ := filepath.Glob(filepath.Join(dir, depth, "jars", "spark-core*.jar"))
		if len(jars) != 1 {
			continue
		}
		absolute := filepath.Dir(filepath.Dir(jars[0]))
		if version = versionOf(absolute, filepath.Base(jars[0])); version == "" {
			return "", "", errs.New(errs.Invalid,
				"cannot tell the version of Spark: neither the name of jars/%s nor a file RELEASE says it",
				filepath.Base(jars[0]))
		}
		sparkHome, err = filepath.Rel(dir, absolute)
		return sparkHome, version, err
	}
	return "", "", errs.New(errs.Invalid,
		"cannot recognise a Spark distribution: there is no jars/spark-core_*.jar in it, or several; "+
			"give the directory or archive that holds bin/ and jars/")
}

// versionOf returns the version of a distribution; empty if it does not say it.
func versionOf(dir, core string) string {
	if found := coreJar.FindStringSubmatch(core); found != nil {
		return found[1]
	}
	said, _ := os.ReadFile(filepath.Join(dir, "RELEASE"))
	if found := releaseFile.FindStringSubmatch(string(said)); found != nil {
		return found[1]
	}
	return ""
}

// upstream returns the version of Spark that a vendor's build was made from: 3.5.1 of 3.5.1-amzn-0.
func upstream(version string) string {
	version, _, _ = strings.Cut(version, "-")
	return version
}
