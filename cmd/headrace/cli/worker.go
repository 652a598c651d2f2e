package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func workerCommand(env Env) *cobra.Command {
	c := parent("worker", "Workers: the processes of job runs")
	s := newShared(env, c)
	c.AddCommand(s.onWorker(getWorker(s)), s.onJobRun(listWorkers(s)))
	return c
}

func getWorker(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:   "get WORKER",
		Short: "Show a worker, and the exact command, environment and files that it got",
		Args:  Takes("WORKER"),
		Long: "Show a worker, and the exact command, environment and files that it got. Values that look like\n" +
			"secrets are hidden.\n\n" +
			"headrace worker list shows the ids of a run's workers.",
		RunE: s.with("get worker", s.showWorker),
	}
}

// showWorker shows a worker and how it was started.
func (s *shared) showWorker(c *cobra.Command, cl *client.Client, args []string) error {
	const doing = "get worker"
	answer, err := workers(cl).GetWorker(c.Context(), &controlv1.GetWorkerRequest{WorkerId: args[0]})
	if err != nil {
		return failWorker(doing, err)
	}
	return s.print(answer, func() error { return writeWorker(s, answer) })
}

func listWorkers(s *shared) *cobra.Command {
	var attempt uint32
	c := &cobra.Command{
		Use:   "list [APPLICATION] JOB_RUN",
		Short: "List a job run's workers with their ids",
		Args:  takesRun,
		RunE: s.with("list workers", func(c *cobra.Command, cl *client.Client, args []string) error {
			return s.showWorkers(c.Context(), cl, args, attempt)
		}),
	}
	c.Flags().Uint32Var(&attempt, "attempt", 0, "only this attempt; 0: all")
	return c
}

// showWorkers lists the workers of an attempt; of all attempts if it is 0.
func (s *shared) showWorkers(ctx context.Context, cl *client.Client, args []string, attempt uint32) error {
	all, err := allWorkers(ctx, cl, args[0], args[1], attempt)
	if err != nil {
		return err
	}
	return s.print(&controlv1.ListWorkersResponse{Workers: all}, func() error {
		return writeWorkerIDs(s,
			all)
	})
}

func writeWorkerIDs(s *shared, all []*controlv1.Worker) error {
	t := s.table(
		"ID",
		"TYPE",
		">NUMBER",
		">ATTEMPT",
		"STATE",
		"NODE",
		"SLOT",
		"START",
		">PEAK",
		"~EXIT",
	)
	for _, w := range all {
		t.Add(
			w.GetWorkerId(),
			w.GetType(),
			strconv.Itoa(int(w.GetNumber())),
			strconv.Itoa(int(w.GetAttempt())),
			w.GetState(),
			w.GetNodeName(),
			w.GetSlotId(),
			start(w, false),
			peak(w),
			exit(w),
		)
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

func writeWorker(s *shared, answer *controlv1.GetWorkerResponse) error {
	f := s.fields()
	addWorker(f, answer.GetWorker())
	addSlot(f, answer.GetWorker())
	addTimes(f, s.Now(), answer.GetWorker())
	f.Add("Directory", answer.GetLaunch().GetDirectory())
	f.Add("Launch", unknownLaunch(answer))
	if err := f.Write(s.Out); err != nil || answer.GetLaunch() == nil {
		return err
	}
	return writeLaunch(s, answer.GetLaunch())
}

// addWorker adds which worker it is.
func addWorker(f *output.Fields, w *controlv1.Worker) {
	f.Add("Worker", w.GetWorkerId())
	f.Add("Type", strings.TrimSpace(fmt.Sprintf("%s %d", w.GetType(), w.GetNumber())))
	f.Add("State", w.GetState())
	f.Add("Application", w.GetApplicationId())
	f.Add("Job run", w.GetJobRunId()+", attempt "+strconv.Itoa(int(w.GetAttempt())))
}

// addSlot adds where a worker is, and what it has there.
func addSlot(f *output.Fields, w *controlv1.Worker) {
	f.Add("Node", strings.TrimSuffix(w.GetNodeName()+" in "+w.GetZone(), " in "))
	f.Add("Slot", or(w.GetSlotId(), "its own"))
	f.Add("Start", start(w, true))
	f.Add("Size", output.Resources(w.GetSize()))
	f.Add("Disk type", w.GetDiskType())
	f.Add("Peak memory", peak(w))
}

// addTimes adds when a worker did what, and how it ended.
func addTimes(f *output.Fields, now time.Time, w *controlv1.Worker) {
	f.Add("Placed", output.Time(now, w.GetPlacedAt()))
	f.Add("Running", output.Time(now, w.GetRunningAt()))
	f.Add("Ended", output.Time(now, w.GetEndedAt()))
	f.Add("Ran", output.Lasted(now, w.GetRunningAt(), w.GetEndedAt()))
	f.Add("Exit", exit(w))
}

func unknownLaunch(answer *controlv1.GetWorkerResponse) string {
	if answer.GetLaunch() != nil {
		return ""
	}
	return or(answer.GetLaunchUnknown(), "not known")
}

// writeLaunch shows how a worker was started. The command can be copied into a shell.
func writeLaunch(s *shared, l *controlv1.Launch) error {
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
	return writeFiles(s, l.GetFiles())
}

// writeFiles lists the files that a worker got, and shows those that the agent wrote.
func writeFiles(s *shared, files []*controlv1.LaunchFile) error {
	_ = say(s, "\n")
	t := s.table("~FILE", "~FROM", ">BYTES")
	for _, file := range files {
		t.Add(file.GetPath(), or(file.GetSource(), "written by the agent"), number(file.GetSizeBytes()))
	}
	if err := t.Write(s.Out); err != nil {
		return err
	}
	for _, file := range files {
		if file.GetContent() != "" {
			_ = say(s, "\n%s\n  %s\n", file.GetPath(),
				strings.ReplaceAll(strings.TrimRight(file.GetContent(), "\n"), "\n", "\n  "))
		}
	}
	return nil
}
