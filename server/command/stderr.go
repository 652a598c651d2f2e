package command

import (
	"regexp"
	"strings"
)

// maxSaid bounds how many characters of a line of stderr a failure repeats.
const maxSaid = 240

var (
	// exceptionLine begins a Java exception, a Python one of the usual names, or what spark-submit says itself.
	exceptionLine = regexp.MustCompile(`^(?:Exception in thread "[^"]*" )?` +
		`(?:[\w$]+\.)*[\w$]*(?:Error|Exception)(?::|$)`)
	// logLine is written by a logger: it tells what happened on the way, not what ended the program.
	logLine = regexp.MustCompile(`^\[?\d{2,4}[-/]\d{2}[-/]\d{2}[ T]\d{2}:\d{2}|` +
		`^(?:TRACE|DEBUG|INFO|WARN|WARNING)\b|^log4j:`)
	// errorLog is a line of a logger that may be the last word of a program.
	errorLog = regexp.MustCompile(`\b(?:ERROR|FATAL|CRITICAL)\b`)
)

// farewells are lines that Spark and the JVM add at their end, and that explain nothing.
var farewells = map[string]bool{
	"Driver stacktrace:": true,
	"Error: Could not create the Java Virtual Machine.":         true,
	"Error: A fatal exception has occurred. Program will exit.": true,
}

const tracebackBegins = "Traceback (most recent call last):"

// causesSaid returns the last exception at the end of a stderr, then what caused it, down to its root; nil if there is
// none. Later exceptions hide earlier ones: if a program goes on after an exception, it did not end by it.
func causesSaid(stderr string) (chain []string) {
	traceback := false // in Python's, whose first line that is not indented names the exception, whatever its name
	for line := range strings.Lines(stderr) {
		line = strings.TrimRight(line, " \r\n")
		cause, caused := causedBy(line)
		switch {
		case farewells[line]:
		case line == "" || line[0] == ' ' || line[0] == '\t' || logLine.MatchString(line):
		case strings.HasSuffix(line, tracebackBegins):
			traceback = true
		case caused:
			chain = append(chain, cause)
			traceback = false
		case traceback || exceptionLine.MatchString(line):
			chain = []string{line}
			traceback = false
		}
	}
	return chain
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

// lastWord returns the last line that is worth repeating. A line of a logger is worth it only if it is an error, or if
// there is no other line.
func lastWord(stderr string) string {
	word := ""
	logged := ""
	for line := range strings.Lines(stderr) {
		text := strings.TrimSpace(line)
		switch {
		case text == "" || farewells[text] || strings.HasPrefix(line, "\tat ") || strings.HasPrefix(text, "... "):
		case logLine.MatchString(text) && !errorLog.MatchString(text):
			logged = text
		default:
			word = text
		}
	}
	if word == "" {
		return logged
	}
	return word
}

// shortened cuts a long line in its middle, since its ends say the most.
func shortened(line string) string {
	runes := []rune(line)
	if len(runes) <= maxSaid {
		return line
	}
	return string(runes[:maxSaid*2/3]) + " ... " + string(runes[len(runes)-maxSaid/3:])
}
