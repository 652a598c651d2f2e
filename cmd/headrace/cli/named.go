package cli

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/internal/errs"
)

// noun is what the first words of a command name.
type noun int

const (
	anApplicationOnly noun = iota // APPLICATION
	aRunOnly                      // JOB_RUN, or APPLICATION JOB_RUN
	anyResource                   // APPLICATION, JOB_RUN, or APPLICATION JOB_RUN
)

// lastRun is the word for the last run that the caller submitted.
const lastRun = "-"

// arnForm matches the ARN of an application or a job run.
var arnForm = regexp.MustCompile(`^arn:.*:/applications/([0-9a-z]+)(?:/jobruns/([0-9a-z]+))?$`)

// onApplication makes a command take an application's name, the beginning of its id, or its ARN, where it takes its id.
// The shell offers the applications.
func (s *shared) onApplication(c *cobra.Command) *cobra.Command { return s.named(c, anApplicationOnly) }

// onJobRun does the same for a command on a job run. Its first words are APPLICATION JOB_RUN or JOB_RUN alone; the
// command always gets both.
func (s *shared) onJobRun(c *cobra.Command) *cobra.Command { return s.named(c, aRunOnly) }

// onResource does the same for a command on an application or a job run.
func (s *shared) onResource(c *cobra.Command) *cobra.Command { return s.named(c, anyResource) }

// named makes a command take names. A word is an id if there is what it names, so a command with ids makes no call more
// than it needs; only after it found nothing, the words are looked up, and the command runs again with ids. Nothing was
// done before that, as what is not there cannot be changed.
func (s *shared) named(c *cobra.Command, n noun) *cobra.Command {
	s.completes(c, n)
	meant(c, [...]string{
		anApplicationOnly: applicationWords,
		aRunOnly:          jobRunWords,
		anyResource:       resourceWords,
	}[n])
	run := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		own, rest := s.split(c, n, args)
		words, err := s.lookFirst(c.Context(), n, own)
		if err != nil {
			return err
		}
		err = run(c, slices.Concat(words, rest))
		if !errs.Is(err, errs.NotFound) || len(words) == 0 {
			return err
		}
		found, wrong := s.lookAgain(c.Context(), n, words)
		if wrong != nil || slices.Equal(found, words) {
			return firstOf(wrong, err)
		}
		return run(c, slices.Concat(found, rest))
	}
	return c
}

// firstOf returns the first error that is one.
func firstOf(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// split returns the words that name something, and what follows them. What follows -- names nothing.
func (s *shared) split(c *cobra.Command, n noun, args []string) (own, rest []string) {
	end := len(args)
	if dash := c.ArgsLenAtDash(); dash >= 0 {
		end = dash
	}
	most := 2
	if n == anApplicationOnly {
		most = 1
	}
	end = min(end, most)
	if n == anyResource && end == 2 && strings.Contains(args[1], "=") {
		end = 1 // KEY=VALUE of a tag
	}
	return args[:end], args[end:]
}

// lookFirst looks up the words that cannot be ids: ARNs, the last run, and a run without its application.
func (s *shared) lookFirst(ctx context.Context, n noun, own []string) ([]string, error) {
	if words, isARN := ofARN(n, own); isARN {
		return words, nil
	}
	last := len(own) - 1
	if last < 0 || n == anApplicationOnly || own[last] != lastRun && (n != aRunOnly || last > 0) {
		return own, nil
	}
	return s.look(ctx, func(f *finder) ([]string, error) { return f.jobRun(own) })
}

// ofARN returns the ids in an ARN that is the last of the words.
func ofARN(n noun, own []string) (words []string, isARN bool) {
	if len(own) == 0 {
		return nil, false
	}
	parts := arnForm.FindStringSubmatch(own[len(own)-1])
	if parts == nil || n == anApplicationOnly && parts[2] != "" || n == aRunOnly && parts[2] == "" {
		return nil, false
	}
	if parts[2] == "" {
		return parts[1:2], true
	}
	return parts[1:3], true
}

// lookAgain looks up words that are not ids.
func (s *shared) lookAgain(ctx context.Context, n noun, words []string) ([]string, error) {
	return s.look(ctx, func(f *finder) ([]string, error) {
		if len(words) == 2 {
			return f.jobRun(words)
		}
		id, err := f.application(words[0])
		if err == nil {
			return []string{id}, nil
		}
		if n == anyResource && errs.Is(err, errs.NotFound) {
			return f.jobRun(words)
		}
		return words, unlessNotFound(err)
	})
}

// unlessNotFound returns an error that says more than that there is nothing, which the command itself already said.
func unlessNotFound(err error) error {
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	return err
}

// look does something with a finder.
func (s *shared) look(ctx context.Context, do func(*finder) ([]string, error)) (words []string, err error) {
	const doing = "find what is meant"
	err = s.call(doing, func(cl *client.Client) error {
		var err error
		words, err = do(&finder{ctx: ctx, cl: cl})
		return fail(doing, err)
	})
	return words, err
}
