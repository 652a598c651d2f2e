package cli

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func listAttempts(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:   "attempts [APPLICATION] JOB_RUN",
		Short: "List a job run's attempts, oldest first",
		Args:  takesRun,
		RunE:  s.with("list attempts", s.showAttempts),
	}
}

// showAttempts lists the attempts of a run.
func (s *shared) showAttempts(c *cobra.Command, cl *client.Client, args []string) error {
	all, err := allAttempts(c.Context(), cl, args[0], args[1])
	if err != nil {
		return err
	}
	return s.print(&controlv1.ListJobRunAttemptsResponse{Attempts: all}, func() error {
		return writeAttempts(
			s, all)
	})
}

func writeAttempts(s *shared, attempts []*controlv1.Attempt) error {
	t := s.table(">ATTEMPT", "STATE", "ZONE", ">WAITED", ">STARTED IN", ">RAN", "~FAILURE")
	for _, a := range attempts {
		why := a.GetFailure().GetKind()
		if why != "" {
			why += ": " + a.GetFailure().GetMessage()
		}
		ran := a.GetEndedAt()
		t.Add(
			strconv.Itoa(int(a.GetAttempt())),
			a.GetState(),
			a.GetZone(),
			output.Lasted(s.Now(), a.GetCreatedAt(), first(a.GetScheduledAt(), ran)),
			output.Lasted(s.Now(), a.GetScheduledAt(), first(a.GetRunningAt(), ran)),
			output.Lasted(s.Now(), a.GetRunningAt(), ran),
			why,
		)
	}
	return t.Write(s.Out)
}
