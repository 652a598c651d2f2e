// Package lastwords finds in what a program wrote why it ended: its last exception, or its last words that are no
// record of a log. Agents use it to choose what they tell of a worker's end (Excerpt), and servers to read that again
// (Read), so that both agree on what is noise. It is pure.
//
//   - line.go: what one line is: a record of a log, a frame, noise.
//   - reader.go: goes through the lines, and knows in what it is: a traceback, a message, a record of several lines.
//   - group.go: Python's exception groups, which are drawn with bars.
//   - said.go: what was found.
//   - excerpt.go: the lines that are worth telling, within a bound.
package lastwords
