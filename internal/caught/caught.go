package caught

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"

	"golang.org/x/time/rate"

	"github.com/headrace/headrace/internal/errs"
)

// How many stacks are logged: so many at once, then one a second. A client that makes a process
// panic again and again cannot fill its disk.
const (
	stacksAtOnce    = 20
	stacksPerSecond = 1
)

// Panics catches panics, and says how many there were. Its methods are for all goroutines; a nil one catches as well,
// logs by slog's default and counts nothing.
type Panics struct {
	log    *slog.Logger
	stacks *rate.Limiter
	count  atomic.Uint64
}

// New returns one that logs to log.
func New(log *slog.Logger) *Panics {
	return &Panics{log: log, stacks: rate.NewLimiter(stacksPerSecond, stacksAtOnce)}
}

// Do calls f and returns its error; a panic in it becomes one of kind Internal. What names the work in the log, with
// the attributes that say whose it was.
func (p *Panics) Do(what string, f func() error, attributes ...any) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = p.Caught(what, cause, attributes...)
		}
	}()
	return f()
}

// Caught logs and counts what a deferred function has recovered, and returns it as an error. It is for those who have
// more to do then; its caller's caller is the function that panicked.
func (p *Panics) Caught(what string, cause any, attributes ...any) error {
	log := slog.Default()
	stack := true
	if p != nil {
		p.count.Add(1)
		log = p.log
		stack = p.stacks.Allow()
	}
	said := fmt.Sprintf("%.1000s", fmt.Sprint(cause)) // it may repeat what a user wrote
	attributes = append([]any{"what", what, "cause", said}, attributes...)
	if stack {
		attributes = append(attributes, "stack", string(debug.Stack()))
	}
	log.Error("a panic was caught: this work is lost, everything else goes on; please report it", attributes...)
	return &errs.Error{Kind: errs.Internal, Message: fmt.Sprintf("%s panicked: %s", what, said), Cause: errPanic}
}

// errPanic is the cause of what Do and Caught return.
var errPanic = errors.New("a panic was caught")

// Is says whether an error of this process came from a panic that was caught: doing the same again is in vain.
func Is(err error) bool { return errors.Is(err, errPanic) }

// Count returns how many panics were caught since the process began. In a healthy process it stays 0.
func (p *Panics) Count() uint64 {
	if p == nil {
		return 0
	}
	return p.count.Load()
}
