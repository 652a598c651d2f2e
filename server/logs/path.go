package logs

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/headrace/headrace/internal/errs"
)

// The bounds of a path, in bytes and names.
const (
	maxPath  = 1024
	maxName  = 255
	maxDepth = 16
)

// top is the folder that all logs are in.
const top = "applications"

// checkFile refuses what is not the path of a file below applications/. Paths come from agents: nothing may lead out of
// the store's directory, and names that begin with a dot are kept for the store itself.
func checkFile(name string) error {
	names := strings.Split(name, "/")
	fits := len(name) <= maxPath && len(names) <= maxDepth
	if !fits || len(names) < 2 || names[0] != top || path.Clean(name) != name || !filepath.IsLocal(name) {
		return errs.Field(
			"path",
			"%.80q is not a file below %s/, of at most %d characters and %d folders",
			name,
			top,
			maxPath,
			maxDepth,
		)
	}
	for _, part := range names {
		if part[0] == '.' || len(part) > maxName || strings.ContainsAny(part, "\\\x00") {
			return errs.Field(
				"path",
				"%.80q has a name that begins with a dot, is longer than %d characters or has a backslash",
				name,
				maxName,
			)
		}
	}
	return nil
}

// checkFolder refuses what is not a folder below applications/, with a slash at its end. It returns the folder without
// the slash.
func checkFolder(name string) (string, error) {
	folder, ended := strings.CutSuffix(name, "/")
	if !ended {
		return "", errs.Field("path", "%.80q is a folder and ends without a slash", name)
	}
	if folder == top {
		return folder, nil
	}
	return folder, checkFile(folder)
}

// runOf returns the folder of the run that a file belongs to: applications/<application>/jobs/<run>. Of a file beside
// them it is the folder that the file is in.
func runOf(file string) string {
	names := strings.SplitN(file, "/", 5)
	return path.Join(names[:len(names)-1]...)
}
