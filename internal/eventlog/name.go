package eventlog

import (
	"path"
	"strings"
)

const (
	folderPrefix = "eventlog_v2_" // of the folder of a log in parts
	partPrefix   = "events_"
	markPrefix   = "appstatus_"
	unfinished   = ".inprogress" // ends the mark, or the only file, of a log that is not finished
)

// IsFile says whether a name is one of a file that readers want. What begins with a point is somebody else's, such as
// Hadoop's checksums.
func IsFile(name string) bool { return !strings.HasPrefix(path.Base(name), ".") }

// IsMark says whether a file is the mark of a log in parts. It is empty: only its name means something.
func IsMark(name string) bool { return strings.HasPrefix(path.Base(name), markPrefix) }

// IsFinished says of a mark, or of a log in one file, whether the log is finished.
func IsFinished(name string) bool { return !strings.HasSuffix(name, unfinished) }

// MarkOf returns the name of the mark of a finished log, in its folder. inParts is false if no log in parts has a
// folder of that name.
func MarkOf(folder string) (mark string, inParts bool) {
	application, inParts := strings.CutPrefix(path.Base(folder), folderPrefix)
	if !inParts {
		return "", false
	}
	return markPrefix + application, true
}

// Unfinished returns the name that a file has while its log is not finished.
func Unfinished(name string) string { return name + unfinished }
