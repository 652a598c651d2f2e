package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec/codec"
)

// meant says what the words of a command may be, in its help.
func meant(c *cobra.Command, words string) {
	about := c.Long
	if about == "" {
		about = c.Short + "."
	}
	c.Long = about + "\n\n" + words
}

// What words may be, as help says it.
const (
	applicationWords = "APPLICATION is an application's name, its id or how that begins, or its ARN."
	jobRunWords      = "JOB_RUN is a job run's id or how that begins, its ARN, or - for the last one that you " +
		"submitted;\nAPPLICATION need not stand before it. " + applicationWords
	resourceWords = "Without APPLICATION before it, JOB_RUN is a job run's id or how that begins, its ARN, or - for " +
		"the\nlast one that you submitted. " + applicationWords
	nodeWords      = "NODE is a node's name, or its id or how that begins."
	workerWords    = "WORKER is a worker's id or how that begins."
	accessKeyWords = "ACCESS_KEY is an access key's id or how that begins, or the user whose only key it is."
)

// Takes returns the check of a command that takes exactly these words, which are named when they are missing.
func Takes(names ...string) cobra.PositionalArgs { return between(len(names), names...) }

// takesRun is the check of a command on a job run, which is named alone or with its application.
func takesRun(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return wrongWords(c, "JOB_RUN is missing")
	}
	return between(1, "APPLICATION", "JOB_RUN")(c, args)
}

// between returns the check of a command that takes these words, of which the first needed must be there.
func between(needed int, names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > len(names) {
			return wrongWords(c, "%q is too much", args[len(names)])
		}
		return atLeast(needed, names...)(c, args)
	}
}

// atLeast returns the check of a command that takes these words and more, of which the first needed must be there.
func atLeast(needed int, names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < needed {
			return wrongWords(c, "%s", missing(names[len(args):needed]))
		}
		return nil
	}
}

// missing says which words are missing.
func missing(names []string) string {
	if len(names) == 1 {
		return names[0] + " is missing"
	}
	return strings.Join(names, " and ") + " are missing"
}

// Nothing is the check of a command that takes no words.
func Nothing(c *cobra.Command, args []string) error { return between(0)(c, args) }

// Group is the check of a command that only groups others: it says which one may be meant.
func Group(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var known []string
	for _, below := range c.Commands() {
		if below.IsAvailableCommand() {
			known = append(known, below.Name())
		}
	}
	return wrongWords(c, "%s", codec.Unknown("command", args[0], known))
}

// WrongFlag says what is wrong with the flags of a command. Below a group the first word comes first: a flag that is
// not known is one of the command that was meant.
func WrongFlag(c *cobra.Command, err error) error {
	if words := c.Flags().Args(); c.HasSubCommands() && len(words) > 0 {
		return Group(c, words)
	}
	return err
}

// wrongWords says what is wrong with the words of a command, and how it is used.
func wrongWords(c *cobra.Command, format string, args ...any) error {
	return &Failure{
		Doing: "run " + c.CommandPath(),
		Err:   errs.New(errs.Invalid, format, args...),
		Next:  "Usage: " + c.UseLine(),
	}
}
