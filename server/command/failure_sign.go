package command

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/lastwords"
)

// sign is a kind of failure that an exception gives away.
type sign struct {
	text *regexp.Regexp
	kind state.FailureKind
	hint string // what to do; it may show what the text's first group found
}

// signs are looked for in this order, in each exception of a chain, its root first.
var signs = []sign{
	{
		regexp.MustCompile(`No module named '?([\w.]+)`), state.FailedModuleNotFound,
		"its workers have no Python module %s: ship it with the run (Spark: by --py-files, or a packed environment " +
			"in spark.archives)",
	},
	{
		regexp.MustCompile(`OutOfMemoryError|OutOfMemoryException|(?:^|[^A-Za-z])(?:_Array|Arrow)?MemoryError\b|` +
			`std::bad_alloc|Native memory allocation .*failed|Cannot allocate memory`),
		state.FailedOutOfMemory, "",
	},
	{
		regexp.MustCompile(`\(Permission denied\)|PermissionError: \[Errno 13\]`),
		state.FailedAccessDenied, "the user that the worker runs as may not do that",
	},
	{
		regexp.MustCompile(`AccessDenied|Access Denied|AccessControlException|Status Code: 403|\(403\)|403 Forbidden`),
		state.FailedAccessDenied,
		"access was denied: check what the execution role of the run may read and write",
	},
	{
		regexp.MustCompile(`(?:Failed to load class|find or load main class|^java\.lang\.ClassNotFoundException:|` +
			`"main" java\.lang\.ClassNotFoundException:) ([\w.$]*[\w$])`),
		state.FailedUserError, "there is no class %s: check --class, and that the JAR has it",
	},
	{
		regexp.MustCompile(`NoSuchFileException|FileNotFoundException|FileNotFoundError|No such file or directory|` +
			`(?:File|Path) .*does not exist|NoSuchKey|Status Code: 404`),
		state.FailedFileNotFound, "check that it is there",
	},
}

// missingJAR is what spark-submit says on its way to not finding a class.
var missingJAR = regexp.MustCompile(`Local jar (\S+) does not exist`)

// evidence is what the end of a program's output gives away.
type evidence struct {
	kind   state.FailureKind
	line   string // the exception, or the last word; empty: it says nothing
	hint   string // may be empty
	remote bool   // it was told of a task, which ran in an executor
}

// unsaid is evidence of nothing but words.
func unsaid(line string) evidence { return evidence{kind: state.FailedUserError, line: line} }

// evidenceOf reads the end of a program's output. Only the last exception counts, or the last words if there is none:
// the program went on after what it wrote before. How it ended comes first: Python ends with code 1 by an exception, so
// one that ended otherwise had handled it.
func evidenceOf(exit state.Exit) evidence {
	said := lastwords.Read(exit.Message)
	e := said.Error
	switch {
	case e == nil && exit.Signal != 0:
		return unsaid(wordsOf(said))
	case e == nil:
		return find([]string{wordsOf(said)}, exit.Message)
	case e.Python && exit.Code != 1:
		return unsaid(cmp.Or(said.Words, e.Head()))
	case e.Python && said.Words != "" && !said.Record && !e.SpansLines():
		return unsaid(shortened(e.Head()) + " ... " + shortened(said.Words)) // it may have been handled, or be longer
	case len(e.Group) > 0:
		return groupEvidence(e)
	}
	found := find(e.Chain, exit.Message)
	found.remote = e.Remote
	if found.kind == state.FailedUserError && found.hint == "" {
		found.line = e.Root()
	}
	if e.Direct && found.line != e.Head() {
		found.line = shortened(e.Head()) + "; caused by " + shortened(found.line)
	}
	return found
}

// find looks for signs in a chain, from its root on.
func find(chain []string, output string) evidence {
	for i := len(chain) - 1; i >= 0; i-- {
		for _, s := range signs {
			if found := s.text.FindStringSubmatch(chain[i]); found != nil {
				return s.evidence(chain[i], found, output)
			}
		}
	}
	return unsaid(chain[len(chain)-1])
}

// groupEvidence reads an exception group. Its kind is that of its exceptions, if all are of one.
func groupEvidence(e *lastwords.Error) evidence {
	seen := find(e.Group[:1], "")
	for _, other := range e.Group[1:] {
		if find([]string{other}, "").kind != seen.kind {
			seen = unsaid("")
		}
	}
	line := shortened(e.Head()) + ": " + shortened(e.Group[0])
	if len(e.Group) > 1 {
		line += "; " + shortened(strings.Join(e.Group[1:], "; "))
	}
	seen.line = line
	return seen
}

// wordsOf returns the last words of a program, or the last line of its log if it said nothing else.
func wordsOf(said lastwords.Said) string { return cmp.Or(said.Words, said.Logged) }

func (s sign) evidence(line string, found []string, output string) evidence {
	if jar := missingJAR.FindStringSubmatch(output); jar != nil && s.kind == state.FailedUserError {
		return evidence{
			kind: state.FailedFileNotFound,
			line: fmt.Sprintf("the JAR %s does not exist", jar[1]),
			hint: "check the entry point",
		}
	}
	hint := s.hint
	if len(found) > 1 {
		hint = fmt.Sprintf(s.hint, found[1])
	}
	return evidence{kind: s.kind, line: line, hint: hint}
}

// maxSaid bounds how many characters of a line of a program a failure repeats.
const maxSaid = 240

// shortened cuts a long line in its middle, since its ends say the most.
func shortened(line string) string {
	runes := []rune(line)
	if len(runes) <= maxSaid {
		return line
	}
	return string(runes[:maxSaid*2/3]) + " ... " + string(runes[len(runes)-maxSaid/3:])
}
