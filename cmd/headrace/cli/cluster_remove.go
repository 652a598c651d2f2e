package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// removingServer is what the flags of the command say.
type removingServer struct {
	yes, force bool
}

func removeServer(s *shared) *cobra.Command {
	r := &removingServer{}
	c := &cobra.Command{
		Use:   "remove-server SERVER",
		Short: "Take the vote of a server that is gone for good, or that is to go",
		Args:  Takes("SERVER"),
		Long: "Take the vote of a server that is gone for good, or that is to go.\n\n" +
			"Its data directory is worth nothing from then on: a server of that id is taken in again only with an\n" +
			"empty one. Only operators may do this. It is refused while too few of the other servers run for decisions.",
		RunE: s.with("remove server", func(c *cobra.Command, cl *client.Client, args []string) error {
			return r.run(c, s, cl, args[0])
		}),
	}
	c.Flags().BoolVarP(&r.yes, "yes", "y", false, "do not ask")
	c.Flags().BoolVar(&r.force, "force", false,
		"also if too few of the others run; the cluster decides nothing then until more of them do")
	return c
}

// run asks, and removes.
func (r *removingServer) run(c *cobra.Command, s *shared, cl *client.Client, id string) error {
	if err := r.confirm(c, s, id); err != nil {
		return err
	}
	request := &controlv1.RemoveServerRequest{ServerId: id, Force: r.force}
	answer, err := cluster(cl).RemoveServer(c.Context(), request)
	if errs.Is(err, errs.NotFound) {
		return &Failure{Doing: "remove server", Err: err, Next: "headrace cluster status shows what there is."}
	}
	if err != nil {
		return err
	}
	answer.ServerId = id // which a server of an older version does not say
	return s.print(answer, func() error { return say(s, "server %s has no vote any more\n", id) })
}

// confirm asks whether the server is to be removed; an error says that it is not.
func (r *removingServer) confirm(c *cobra.Command, s *shared, id string) error {
	if r.yes {
		return nil
	}
	if !s.Asks {
		return errs.New(errs.Invalid, "nothing was changed, because nobody can be asked: --yes does it without a question")
	}
	question := fmt.Sprintf("Remove server %s? It comes back only with an empty data directory.", id)
	agreed, err := ask(c.Context(), s.Env, question)
	if err == nil && !agreed {
		err = errs.New(errs.Invalid, "nothing was changed")
	}
	return err
}
