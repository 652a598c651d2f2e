package machine

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// askAgain is how long a program that did not answer counts as not there.
const askAgain = time.Minute

// maxAnswer is how much of an answer is kept, in bytes.
const maxAnswer = 16 << 10

// answer is what a program said of itself. Whoever holds asking asks.
type answer struct {
	asking  sync.Mutex
	said    string
	changed time.Time // of the program's file, when it was asked
	asked   time.Time // zero: never
}

// ask returns what a program says, both on stdout and stderr; empty if it says nothing in time. It does not run it
// again while its file is the same and still says what holds, which valid decides.
func (m *Machine) ask(ctx context.Context, program string, valid func(said string) bool, args ...string) string {
	info, err := os.Stat(program)
	if err != nil {
		return ""
	}
	a := m.answerOf(program)
	a.asking.Lock()
	defer a.asking.Unlock()
	if same := !a.asked.IsZero() && a.changed.Equal(info.ModTime()); same &&
		(valid(a.said) || time.Since(a.asked) < askAgain) {
		return a.said
	}
	said := run(ctx, m.config.Patience, program, args)
	if ctx.Err() != nil { // whoever asked has gone: that says nothing of the program
		return ""
	}
	a.said, a.changed, a.asked = said, info.ModTime(), time.Now()
	return said
}

// run runs a program and all that it starts for a limited time.
func run(ctx context.Context, patience time.Duration, program string, args []string) string {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	command := exec.CommandContext(ctx, program, args...)
	command.Dir = "/" // not where somebody may have put what the program would load
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = time.Second
	out := &head{}
	command.Stdout, command.Stderr = out, out
	if command.Run() != nil {
		return ""
	}
	return out.String()
}

// head keeps the beginning of what is written to it.
type head struct{ bytes.Buffer }

// Write keeps what fits.
func (h *head) Write(p []byte) (int, error) {
	h.Buffer.Write(p[:min(len(p), max(0, maxAnswer-h.Len()))])
	return len(p), nil
}
