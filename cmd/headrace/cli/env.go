package cli

import (
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// Env is what commands see of their process: its streams, its environment, its clock.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	Terminal bool // Err is a terminal: progress may be written in place
	Asks     bool // In and Err are terminals: somebody can answer
	Screen   bool // Out is a terminal
	Colour   bool // Out is a terminal that shows colours
	Width    int  // characters in a line of the terminal that Out is; 0: Out is none, or does not say
	ErrWidth int  // the same of Err
	Lookup   func(name string) (string, bool)
	Now      func() time.Time
}

// ProcessEnv returns the Env of this process.
func ProcessEnv() Env {
	terminal := isTerminal(os.Stderr)
	screen := isTerminal(os.Stdout)
	return Env{
		In:       os.Stdin,
		Out:      os.Stdout,
		Err:      os.Stderr,
		Terminal: terminal,
		Screen:   screen,
		Asks:     terminal && isTerminal(os.Stdin),
		Width:    width(os.Stdout),
		ErrWidth: width(os.Stderr),
		Colour:   screen && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
		Lookup:   os.LookupEnv,
		Now:      time.Now,
	}
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// width returns how many characters a line of a terminal has; 0 if a file is none.
func width(f *os.File) int {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(size.Col)
}

// get returns a variable, or a default.
func (e Env) get(name, otherwise string) string {
	if value, found := e.Lookup(name); found && value != "" {
		return value
	}
	return otherwise
}

// Commands returns the commands that users and operators run on a cluster.
func Commands(env Env) []*cobra.Command {
	return []*cobra.Command{
		applicationCommand(env), jobRunCommand(env), nodeCommand(env), clusterCommand(env), releaseCommand(env),
		eventsCommand(env),
		tagCommand(env), workerCommand(env), applyCommand(env), exportCommand(env),
		accessKeyCommand(env), historyCommand(env),
	}
}
