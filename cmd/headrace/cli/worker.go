package cli

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func workerCommand(env Env) *cobra.Command {
	c := parent("worker", "Workers: the processes of job runs")
	s := newSession(env, c)
	c.AddCommand(getWorker(s), s.named(listWorkers(s)))
	return c
}

func getWorker(s *session) *cobra.Command {
	return &cobra.Command{Use: "get WORKER", Short: "Show a worker, and the exact command, environment and files that it got", Args: cobra.ExactArgs(1),
		Long: "Show a worker, and the exact command, environment and files that it got. Values that look like secrets are hidden.\n\n" +
			"headrace worker list shows the ids of a run's workers.",
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "get worker"
			return s.call(doing, func(cl *client.Client) error {
				answer, err := workers(cl).GetWorker(c.Context(), &controlv1.GetWorkerRequest{WorkerId: args[0]})
				if err != nil {
					return failWorker(doing, err)
				}
				return s.print(answer, func() error { return writeWorker(s, answer) })
			})
		}}
}

func listWorkers(s *session) *cobra.Command {
	var attempt uint32
	c := &cobra.Command{Use: "list APPLICATION JOB_RUN", Short: "List a job run's workers with their ids", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "list workers"
			return s.call(doing, func(cl *client.Client) error {
				all, err := allWorkers(c.Context(), cl, args[0], args[1], attempt)
				if err != nil {
					return fail(doing, err)
				}
				return s.print(&controlv1.ListWorkersResponse{Workers: all}, func() error { return writeWorkerIDs(s, all) })
			})
		}}
	c.Flags().Uint32Var(&attempt, "attempt", 0, "only this attempt; 0: all")
	return c
}

func writeWorkerIDs(s *session, all []*controlv1.Worker) error {
	t := output.Table{Columns: output.Columns("ID", "TYPE", ">NUMBER", ">ATTEMPT", "STATE", "NODE", "SLOT", "START", ">PEAK", "EXIT")}
	for _, w := range all {
		t.Add(w.GetWorkerId(), w.GetType(), strconv.Itoa(int(w.GetNumber())), strconv.Itoa(int(w.GetAttempt())), w.GetState(), w.GetNodeName(),
			w.GetSlotId(), start(w, false), peak(w), exit(w))
	}
	return t.Write(s.Out)
}

// start says how a worker in a pre-initialised slot was started, and why if that is asked; empty for another one.
func start(w *controlv1.Worker, why bool) string {
	switch {
	case w.GetWarm():
		return "warm"
	case w.GetColdReason() == "":
		return ""
	case why:
		return "cold: " + w.GetColdReason()
	}
	return "cold"
}

// peak writes the most memory that a worker used; empty if it was not measured.
func peak(w *controlv1.Worker) string {
	switch bytes := w.GetPeakMemoryBytes(); {
	case bytes == 0:
		return ""
	case bytes < 1<<20:
		return number(bytes>>10) + " KB"
	}
	return output.Memory(&controlv1.Resources{MemoryMib: w.GetPeakMemoryBytes() >> 20})
}

func writeWorker(s *session, answer *controlv1.GetWorkerResponse) error {
	w := answer.GetWorker()
	var f output.Fields
	f.Add("Worker", w.GetWorkerId())
	f.Add("Type", strings.TrimSpace(fmt.Sprintf("%s %d", w.GetType(), w.GetNumber())))
	f.Add("State", w.GetState())
	f.Add("Application", w.GetApplicationId())
	f.Add("Job run", w.GetJobRunId()+", attempt "+strconv.Itoa(int(w.GetAttempt())))
	f.Add("Node", strings.TrimSuffix(w.GetNodeName()+" in "+w.GetZone(), " in "))
	f.Add("Slot", or(w.GetSlotId(), "its own"))
	f.Add("Start", start(w, true))
	f.Add("Size", output.Resources(w.GetSize()))
	f.Add("Disk type", w.GetDiskType())
	f.Add("Peak memory", peak(w))
	f.Add("Placed", output.Time(s.Now(), w.GetPlacedAt()))
	f.Add("Running", output.Time(s.Now(), w.GetRunningAt()))
	f.Add("Ended", output.Time(s.Now(), w.GetEndedAt()))
	f.Add("Ran", output.Lasted(s.Now(), w.GetRunningAt(), w.GetEndedAt()))
	f.Add("Exit", exit(w))
	f.Add("Directory", answer.GetLaunch().GetDirectory())
	f.Add("Launch", unknownLaunch(answer))
	if err := f.Write(s.Out); err != nil || answer.GetLaunch() == nil {
		return err
	}
	return writeLaunch(s, answer.GetLaunch())
}

func unknownLaunch(answer *controlv1.GetWorkerResponse) string {
	if answer.GetLaunch() != nil {
		return ""
	}
	return or(answer.GetLaunchUnknown(), "not known")
}

// writeLaunch shows how a worker was started. The command can be copied into a shell.
func writeLaunch(s *session, l *controlv1.Launch) error {
	_ = say(s, "\nCommand\n  %s\n", shellLine(l.GetCommand()))
	if len(l.GetEnvironment()) > 0 {
		_ = say(s, "\nEnvironment\n")
	}
	for _, key := range slices.Sorted(maps.Keys(l.GetEnvironment())) {
		_ = say(s, "  %s=%s\n", key, shellWord(output.HideValue(key, l.GetEnvironment()[key])))
	}
	if len(l.GetFiles()) == 0 {
		return nil
	}
	_ = say(s, "\n")
	t := output.Table{Columns: output.Columns("FILE", "FROM", ">BYTES")}
	for _, file := range l.GetFiles() {
		t.Add(file.GetPath(), or(file.GetSource(), "written by the agent"), number(file.GetSizeBytes()))
	}
	if err := t.Write(s.Out); err != nil {
		return err
	}
	for _, file := range l.GetFiles() {
		if file.GetContent() != "" {
			_ = say(s, "\n%s\n  %s\n", file.GetPath(), strings.ReplaceAll(strings.TrimRight(file.GetContent(), "\n"), "\n", "\n  "))
		}
	}
	return nil
}
