package seldom

import (
	"context"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"github.com/headrace/headrace/internal/backoff"
)

// maxPause is the longest pause between two lines about the same cause.
const maxPause = time.Hour

// Cause says what keeps something from working, for as long as it does: at once when the cause is a new one, then
// after a minute, after two more, and so on up to an hour. Its methods may be called by many goroutines.
type Cause struct {
	to *slog.Logger

	mu   sync.Mutex
	told map[string]*told // by cause, since all was well
}

// maxCauses bounds how many causes are told apart.
const maxCauses = 16

// told is a cause that was told.
type told struct {
	again  time.Time // not before
	pauses backoff.Doubling
}

// ownEnd matches this side's end of a connection, which has another port each time: "write tcp 10.0.0.1:40312->...".
var ownEnd = regexp.MustCompile(`\S+:\d+->`)

// NewCause returns a Cause that writes to a log.
func NewCause(to *slog.Logger) *Cause {
	return &Cause{to: to, told: map[string]*told{}}
}

// Warn logs a message with its cause, unless that was told lately; nil: all is well again. The message is a constant.
func (c *Cause) Warn(message string, cause error, args ...any) {
	if cause == nil {
		c.Cease()
		return
	}
	if c.due(message + ": " + ownEnd.ReplaceAllLiteralString(cause.Error(), "")) {
		c.to.Log(context.Background(), slog.LevelWarn, message, append(args, "error", cause)...)
	}
}

// Cease notes that all is well: the next cause is told at once.
func (c *Cause) Cease() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.told)
}

// due says whether a cause is to be told.
func (c *Cause) due(cause string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.told[cause]
	if one == nil {
		if len(c.told) >= maxCauses {
			clear(c.told)
		}
		one = &told{pauses: backoff.Doubling{First: Every, Max: maxPause}}
		c.told[cause] = one
	}
	if time.Now().Before(one.again) {
		return false
	}
	one.again = time.Now().Add(one.pauses.Next())
	return true
}
