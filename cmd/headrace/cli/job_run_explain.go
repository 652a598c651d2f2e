package cli

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func explainJobRun(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [APPLICATION] JOB_RUN",
		Short: "Show why a job run waits, which runs hold what it needs, and what to do",
		Args:  takesRun,
		RunE:  s.with("explain job run", s.explain),
	}
}

// explain says what a run waits for.
func (s *shared) explain(c *cobra.Command, cl *client.Client, args []string) error {
	answer, err := jobRuns(cl).ExplainJobRun(c.Context(), &controlv1.ExplainJobRunRequest{
		ApplicationId: args[0],
		JobRunId:      args[1],
	})
	if err != nil {
		return err
	}
	return s.print(answer, func() error { return writeExplanation(s, answer) })
}

func writeExplanation(s *shared, e *controlv1.ExplainJobRunResponse) error {
	f := s.fields()
	f.Add("State", e.GetState())
	f.Add("Priority", strconv.Itoa(int(e.GetPriority())))
	f.Add("Waits for", or(e.GetWaitsFor(), "nothing"))
	f.Add("Why", e.GetMessage())
	f.Add("Failure", e.GetDetails())
	f.Add("Needs in one zone", output.Resources(e.GetNeeds()))
	f.Add("Promised nodes", strings.Join(e.GetPromisedNodes(), ", "))
	f.Add("At worst until", output.Time(s.Now(), e.GetPromisedUntil()))
	f.Add("Next step", e.GetNextStep())
	for _, note := range e.GetNotes() {
		f.Add("Note", note)
	}
	if err := f.Write(s.Out); err != nil || len(e.GetHolders()) == 0 {
		return err
	}
	t := s.table("HELD BY RUN", "APPLICATION", ">VCPU", ">MEMORY", ">DISK")
	for _, h := range e.GetHolders() {
		t.Add(
			h.GetJobRunId(),
			h.GetApplicationId(),
			output.CPU(h.GetHolds()),
			output.Memory(h.GetHolds()),
			output.Disk(h.GetHolds()),
		)
	}
	_ = say(s, "\n")
	return t.Write(s.Out)
}
