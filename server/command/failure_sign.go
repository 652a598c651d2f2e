package command

import (
	"fmt"
	"regexp"

	"github.com/headrace/headrace/fsm/state"
)

// sign is a kind of failure that an exception gives away.
type sign struct {
	text *regexp.Regexp
	kind state.FailureKind
	hint string // what to do; it may show what the text's first group found
}

// signs are looked for in this order, in each exception of a chain, its root first.
var signs = []sign{
	{regexp.MustCompile(`No module named '?([\w.]+)`), state.FailedModuleNotFound,
		"its workers have no Python module %s: ship it with the run (Spark: by --py-files, or a packed environment " +
			"in spark.archives)"},
	{
		regexp.MustCompile(`java\.lang\.OutOfMemoryError|(?:^|[^A-Za-z])(?:_Array)?MemoryError\b`),
		state.FailedOutOfMemory, "",
	},
	{regexp.MustCompile(`AccessDenied|Access Denied|AccessControlException|Status Code: 403|\(403\)|403 Forbidden`),
		state.FailedAccessDenied,
		"access was denied: check what the execution role of the run may read and write"},
	{regexp.MustCompile(`(?:Failed to load class|find or load main class|^java\.lang\.ClassNotFoundException:|` +
		`"main" java\.lang\.ClassNotFoundException:) ([\w.$]*[\w$])`),
		state.FailedUserError, "there is no class %s: check --class, and that the JAR has it"},
	{regexp.MustCompile(`NoSuchFileException|FileNotFoundException|FileNotFoundError|No such file or directory|` +
		`(?:File|Path) .*does not exist|NoSuchKey|Status Code: 404`),
		state.FailedFileNotFound, "check that it is there"},
}

// missingJAR is what spark-submit says on its way to not finding a class.
var missingJAR = regexp.MustCompile(`Local jar (\S+) does not exist`)

// evidence is what the end of a stderr gives away.
type evidence struct {
	kind state.FailureKind
	line string // the exception, or the last word; empty: it says nothing
	hint string // may be empty
}

// evidenceOf reads the end of a stderr. Only the last exception counts, or the last line if there is none: the program
// went on after what it wrote before.
func evidenceOf(stderr string) evidence {
	chain := causesSaid(stderr)
	if len(chain) == 0 {
		chain = []string{lastWord(stderr)}
	}
	for i := len(chain) - 1; i >= 0; i-- {
		for _, s := range signs {
			if found := s.text.FindStringSubmatch(chain[i]); found != nil {
				return s.evidence(chain[i], found, stderr)
			}
		}
	}
	return evidence{kind: state.FailedUserError, line: chain[len(chain)-1]}
}

func (s sign) evidence(line string, found []string, stderr string) evidence {
	if jar := missingJAR.FindStringSubmatch(stderr); jar != nil && s.kind == state.FailedUserError {
		return evidence{
			state.FailedFileNotFound, fmt.Sprintf("the JAR %s does not exist", jar[1]), "check the entry point",
		}
	}
	if len(found) > 1 {
		return evidence{s.kind, line, fmt.Sprintf(s.hint, found[1])}
	}
	return evidence{s.kind, line, s.hint}
}
