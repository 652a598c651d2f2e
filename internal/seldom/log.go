package seldom

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"
)

// Every is how often a message is logged.
const Every = time.Minute

// maxLines bounds how many messages are told apart. One more has those forgotten that were not logged for a minute, and
// all of them if there are none.
const maxLines = 1024

// Log logs for one whom it is about. Its methods may be called by many goroutines.
type Log struct {
	to *slog.Logger

	mu    sync.Mutex
	lines map[string]*line // by message
}

// line is one message.
type line struct {
	told    time.Time
	leftOut int
}

// New returns a log that writes to another.
func New(to *slog.Logger) *Log { return &Log{to: to, lines: map[string]*line{}} }

// Warn logs a message, unless that was within a minute. The message is a constant: what differs is in args.
func (l *Log) Warn(message string, args ...any) {
	if leftOut, now := l.due(message); now {
		if leftOut > 0 {
			args = append(args, "left_out", leftOut)
		}
		l.to.Warn(message, args...)
	}
}

// Of logs a message of a level about somebody, unless that was within a minute. The same about somebody else is another
// message.
func (l *Log) Of(level slog.Level, about, message string, args ...any) {
	if leftOut, now := l.due(message + " " + about); now {
		if leftOut > 0 {
			args = append(args, "left_out", leftOut)
		}
		l.to.Log(context.Background(), level, message, args...)
	}
}

// due says whether a message is to be logged, and how many were left out before it.
func (l *Log) due(message string) (leftOut int, now bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.lines[message]
	if known == nil {
		l.makeRoom()
		l.lines[message] = &line{told: time.Now()}
		return 0, true
	}
	if time.Since(known.told) < Every {
		known.leftOut++
		return 0, false
	}
	leftOut = known.leftOut
	known.leftOut = 0
	known.told = time.Now()
	return leftOut, true
}

// makeRoom has room for one more message; the lock is held.
func (l *Log) makeRoom() {
	if len(l.lines) < maxLines {
		return
	}
	maps.DeleteFunc(l.lines, func(_ string, one *line) bool { return time.Since(one.told) >= Every })
	if len(l.lines) >= maxLines {
		clear(l.lines)
	}
}
