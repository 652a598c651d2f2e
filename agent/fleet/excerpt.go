package fleet

import (
	"bytes"
	"regexp"
)

// tailBytes is how much of a worker's log is read at its end, for an excerpt.
const tailBytes = 64 << 10

// excerptBytes is how much of it goes with the worker's end.
const excerptBytes = 2 << 10

// noise is what says nothing about a failure to those who look at its end first: frames of a Java stack, and what
// loggers tell on the way, such as all that Spark says while it shuts down.
var noise = regexp.MustCompile(`^\s+at [\w$.<]|^\s*\.\.\. \d+ more|` +
	`^\d{2,4}[-/]\d{2}[-/]\d{2}[ T]\d{2}:\d{2}:\d{2}\S* (?:INFO|DEBUG|TRACE)\b`)

// traceback begins what Python prints of an exception.
var traceback = []byte("Traceback (most recent call last):")

// lastWords returns what a worker's logs say of its end: the end of its stderr, and a traceback at the end of its
// stdout, which is where spark-submit sends all that a Python driver prints.
func lastWords(logs Runtime, id string) []byte {
	words := excerpt(logs.Tail(id, "stderr", tailBytes))
	printed := logs.Tail(id, "stdout", tailBytes)
	if at := bytes.LastIndex(printed, traceback); at >= 0 {
		words = append(append(words, '\n'), excerpt(printed[at:])...)
	}
	return words
}

// excerpt returns the end of a stderr without noise; if all of it is, then as it stands.
func excerpt(tail []byte) []byte {
	var kept [][]byte
	blank := true
	for line := range bytes.Lines(tail) {
		empty := len(bytes.TrimSpace(line)) == 0
		if noise.Match(line) || empty && blank {
			continue
		}
		kept = append(kept, line)
		blank = empty
	}
	text := bytes.Join(kept, nil)
	if len(bytes.TrimSpace(text)) == 0 {
		text = tail
	}
	return text[max(0, len(text)-excerptBytes):]
}
