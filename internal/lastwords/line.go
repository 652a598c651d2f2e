package lastwords

import (
	"regexp"
	"strings"
)

// tracebackBegins is the end of the line with which Python begins to tell of an exception.
const tracebackBegins = "Traceback (most recent call last):"

// What Python writes between two exceptions: the second one was raised from the first one, or while it was handled.
const (
	linkDirect  = "The above exception was the direct cause of the following exception:"
	linkContext = "During handling of the above exception, another exception occurred:"
)

var (
	// exceptionLine begins a Java exception, a Python one of the usual names, or what spark-submit says itself.
	exceptionLine = regexp.MustCompile(`^(?:Exception in thread "[^"]*" )?` +
		`(?:[\w$]+\.)*[\w$]*(?:Error|Exception)(?::|$)`)
	// qualifiedException begins what a logger writes of an exception, on the lines after its own.
	qualifiedException = regexp.MustCompile(`^(?:[\w$]+\.)+[\w$]*(?:Error|Exception)(?::|$)`)
	// syntaxFrame is where a script is wrong that Python does not even begin: there is no traceback then.
	syntaxFrame = regexp.MustCompile(`^ {2}File ".*", line \d+$`)
	// record begins what a logger writes.
	record = regexp.MustCompile(`^\[?\d{2,4}[-/]\d{2}[-/]\d{2}[ T]\d{2}:\d{2}|` +
		`^\[?(?:TRACE|DEBUG|INFO|WARN|WARNING)\b|^(?:ERROR|CRITICAL):[\w.]+:|` +
		`^[IWEF]\d{4} \d{2}:\d{2}:|^log4j:|^\{.*"(?:level|severity|levelname)" ?: ?"`)
	// level finds how grave a record is.
	level = regexp.MustCompile(`\b(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE)\b|^[IWEF]\d{4} `)
	// telling is a record that is no grave one, and yet explains what ended the program right after it.
	telling = regexp.MustCompile(`Local jar \S+ does not exist`)
	// moreFollows is the end of a record that goes on below.
	moreFollows = regexp.MustCompile(`[:=({\[]$`)
	// javaFrame is one of a Java stack, or stands for many of them.
	javaFrame = regexp.MustCompile(`^\s+at [\w$.<]|^\s*\.\.\. \d+ (?:more|common frames)`)
	// chatter is what the JVM, Spark and Python add on their own, and what explains no end.
	chatter = regexp.MustCompile(`^SLF4J: |^(?:OpenJDK|Java HotSpot).* warning: |^Setting default log level |` +
		`^To adjust logging level |^WARNING: |^:: |^\[Stage \d|^Picked up |^Using Spark's default |` +
		`^\S+:\d+: \w*Warning: |^Extension modules: |^Driver stacktrace:$|` +
		`^Error: Could not create the Java Virtual Machine\.$|` +
		`^Error: A fatal exception has occurred\. Program will exit\.$`)
	// dumpedThread begins where a thread was when Python crashed.
	dumpedThread = regexp.MustCompile(`^(?:Current t|T)hread 0x[0-9a-f]+ `)
	// crashLine is one of those that a JVM writes when it crashes, and crashReason is the one that says why.
	crashLine   = regexp.MustCompile(`^#(?:\s|$)`)
	crashReason = regexp.MustCompile(`^#\s+(?:SIG[A-Z]+ \(|Internal Error|Native memory allocation|` +
		`There is insufficient memory|Out of Memory Error)`)
)

// gravity is how much a record of a log says of a program's end.
type gravity int

const (
	quiet   gravity = iota // what happens on the way, such as INFO
	warning                // what the program survived; an exception with it is a part of it
	grave                  // what may be the program's last word
)

// recordIn says whether a line begins a record of a log, and how grave that is.
func recordIn(line string) (gravity, bool) {
	if !record.MatchString(line) {
		return quiet, false
	}
	switch word := level.FindString(line); {
	case strings.HasPrefix(word, "E"), strings.HasPrefix(word, "F"), strings.HasPrefix(word, "C"), word == "SEVERE":
		return grave, true
	case strings.HasPrefix(word, "W"):
		return warning, true
	}
	return quiet, true
}

// isNoise says whether a line explains no end, whatever it stands in.
func isNoise(line string) bool {
	return chatter.MatchString(line) || javaFrame.MatchString(line) ||
		crashLine.MatchString(line) && !crashReason.MatchString(line)
}

// isIndented says whether a line belongs to the one above it.
func isIndented(line string) bool { return line[0] == ' ' || line[0] == '\t' }

// shown returns a line as a terminal would show it in the end: what comes after a return overwrites what was there.
func shown(line string) string {
	line = strings.TrimRight(line, " \t\r\n")
	return line[strings.LastIndexByte(line, '\r')+1:]
}

// causedBy removes what Java, or Python if it tells of Java, writes before the next exception of a chain.
func causedBy(line string) (cause string, caused bool) {
	for _, prefix := range []string{"Caused by: ", ": "} {
		if cause, caused = strings.CutPrefix(line, prefix); caused {
			return cause, true
		}
	}
	return "", false
}
