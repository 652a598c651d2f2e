package releases

import (
	"cmp"
	"strconv"
	"strings"
)

// prefix is what every label of the table begins with.
const prefix = "emr-"

// AtLeast says whether a label is that version or a newer one: AtLeast("emr-7.2.0", "7.1.0") is true. A label that is
// none of the known form is older than everything.
func AtLeast(label, version string) bool {
	rest, found := strings.CutPrefix(label, prefix)
	return found && versionAtLeast(rest, version)
}

// versionAtLeast compares two versions of up to three numbers; what is missing or no number counts as 0.
func versionAtLeast(version, minimum string) bool {
	a := numbers(version)
	b := numbers(minimum)
	for i := range a {
		if c := cmp.Compare(a[i], b[i]); c != 0 {
			return c > 0
		}
	}
	return true
}

// numbers splits a version into its first three numbers.
func numbers(version string) (parts [3]int) {
	for i, part := range strings.SplitN(version, ".", 4) {
		if i == len(parts) {
			break
		}
		parts[i], _ = strconv.Atoi(part)
	}
	return parts
}

// firstTwo cuts a version to its first two numbers: 3.11.7 becomes 3.11.
func firstTwo(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}
