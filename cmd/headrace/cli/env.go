package cli

import (
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// Env is what commands meet of the process that they run in.
type Env struct {
	Out, Err io.Writer
	Terminal bool // Err is a terminal: progress may be written in place
	Lookup   func(name string) (string, bool)
	Now      func() time.Time
}

// ProcessEnv returns this process's own.
func ProcessEnv() Env {
	return Env{Out: os.Stdout, Err: os.Stderr, Terminal: isTerminal(os.Stderr), Lookup: os.LookupEnv, Now: time.Now}
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// get returns a variable, or a default.
func (e Env) get(name, otherwise string) string {
	if value, found := e.Lookup(name); found && value != "" {
		return value
	}
	return otherwise
}

// Commands returns the commands of users and operators.
func Commands(env Env) []*cobra.Command {
	return []*cobra.Command{
		applicationCommand(env), jobRunCommand(env), nodeCommand(env), clusterCommand(env), releaseCommand(env), eventsCommand(env),
	}
}
