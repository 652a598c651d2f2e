package cli

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/internal/errs"
)

// ErrDiffers is the error of apply --diff when the cluster differs from the files. Its exit code is 1.
var ErrDiffers = errors.New(
	"the cluster differs from the files; without --diff, headrace apply makes it like them")

// applying are the flags of apply.
type applying struct {
	files   []string
	yes     bool
	dryRun  bool
	diff    bool
	restart bool
}

func applyCommand(env Env) *cobra.Command {
	a := &applying{}
	c := &cobra.Command{
		Use:   "apply -f FILE|DIR|-",
		Short: "Make applications and job runs as files say",
		Args:  Nothing,
		Long: "Make applications and job runs as files say: show what would change, ask, and do it.\n\n" +
			"An application is known by its name. What its file leaves out gets its default, also if somebody\n" +
			"changed it by hand. An update needs an application that is CREATED or STOPPED; with --restart a\n" +
			"started one is stopped, updated and started again.\n\n" +
			"A job run is started once: it is known by its clientToken or, without one, by its application, name\n" +
			"and content. Applied again it is only shown. Nothing is ever deleted because no file has it.\n\n" +
			"docs/apply.md describes the files; headrace export writes them.",
		Example: "  headrace apply -f applications/ --dry-run\n  headrace apply -f reports.yaml --restart --yes\n" +
			"  headrace export reports | sed 's/emr-7.1.0/emr-7.2.0/' | headrace apply -f - --yes",
	}
	s := newShared(env, c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		const doing = "apply"
		set, err := readSet(c.Context(), s.In, a.files)
		if err != nil {
			return fail(doing, err)
		}
		return s.call(doing, func(cl *client.Client) error {
			return fail(doing, a.run(c, s, &planner{cl: cl, set: set, restart: a.restart}))
		})
	}
	a.bind(c)
	return c
}

func (a *applying) bind(c *cobra.Command) {
	flags := c.Flags()
	flags.StringArrayVarP(
		&a.files,
		"file",
		"f",
		nil,
		"YAML or JSON file, directory of them, or - for the standard input; may be repeated",
	)
	flags.BoolVarP(&a.yes, "yes", "y", false, "do not ask")
	flags.BoolVar(&a.dryRun, "dry-run", false, "only show what would change")
	flags.BoolVar(&a.diff, "diff", false, "only show what would change; the exit code is 1 if anything would")
	flags.BoolVar(&a.restart, "restart", false, "stop, update and start again what must be stopped for its update")
	_ = c.MarkFlagRequired("file")
}

// run plans, shows, asks and acts.
func (a *applying) run(c *cobra.Command, s *shared, p *planner) error {
	plan, err := p.plan(c.Context())
	if err != nil {
		return err
	}
	if s.format == "table" {
		if err := plan.write(s); err != nil {
			return err
		}
	}
	if err := plan.refusal(); err != nil && !a.diff {
		return err
	}
	if a.dryRun || a.diff || plan.unchanged() {
		return a.onlyShown(s, plan)
	}
	if err := a.confirm(c, s, plan); err != nil {
		return err
	}
	d := &doer{s: s, cl: p.cl}
	err = d.do(c.Context(), plan)
	if s.format == "json" {
		err = errors.Join(plan.writeJSON(s, true), err)
	}
	return err
}

// onlyShown ends an apply that changes nothing.
func (a *applying) onlyShown(s *shared, plan *plan) error {
	if s.format == "json" {
		if err := plan.writeJSON(s, false); err != nil {
			return err
		}
	}
	if a.diff && (!plan.unchanged() || plan.refusal() != nil) {
		return ErrDiffers
	}
	return nil
}

// confirm asks whether the plan is to be done; an error says that it is not.
func (a *applying) confirm(c *cobra.Command, s *shared, plan *plan) error {
	if a.yes {
		return nil
	}
	if !s.Asks || slices.Contains(a.files, "-") {
		return errs.New(errs.Invalid,
			"nothing was changed, because nobody can be asked: "+
				"--yes does it without a question, --dry-run only shows it")
	}
	agreed, err := ask(c.Context(), s.Env, plan.question())
	if err == nil && !agreed {
		err = errs.New(errs.Invalid, "nothing was changed")
	}
	return err
}
