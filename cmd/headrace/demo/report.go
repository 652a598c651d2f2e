package demo

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/cmd/headrace/cli"
	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// report prints where the workers ran and how long each phase took.
func (c Config) report(ctx context.Context, cl *client.Client, run *controlv1.JobRun) error {
	attempts, workers, err := cli.Parts(ctx, cl, run.GetApplicationId(), run.GetJobRunId())
	if err != nil {
		return err
	}
	table, nodes := whereTable(workers)
	c.say("\nWhere the workers ran: %d workers on %d nodes\n", len(workers), nodes)
	if err := table.Write(c.Env.Out); err != nil {
		return err
	}
	c.say("\nHow long each phase took:\n")
	phases := phaseTable(run, attempts, workers)
	if err := phases.Write(c.Env.Out); err != nil {
		return err
	}
	c.say("")
	return nil
}

// whereTable lists workers with where they ran, and counts the nodes.
func whereTable(workers []*controlv1.Worker) (t output.Table, nodes int) {
	t.Columns = output.Columns("WORKER", "ZONE", "NODE", ">VCPU", ">MEMORY", ">RAN")
	seen := map[string]bool{}
	for _, w := range workers {
		seen[w.GetNodeId()] = true
		name := "driver"
		if w.GetType() != "DRIVER" {
			name = "executor " + strconv.Itoa(int(w.GetNumber()))
		}
		t.Add(
			name,
			w.GetZone(),
			w.GetNodeName(),
			output.CPU(w.GetSize()),
			output.Memory(w.GetSize()),
			output.Lasted(w.GetEndedAt().AsTime(), w.GetRunningAt(), w.GetEndedAt()),
		)
	}
	return t, len(seen)
}

// phaseTable lists when the run reached each phase, counted from its acceptance.
func phaseTable(run *controlv1.JobRun, attempts []*controlv1.Attempt, workers []*controlv1.Worker) output.Table {
	t := output.Table{Columns: output.Columns("PHASE", ">AT", ">TOOK")}
	accepted := run.GetCreatedAt().AsTime()
	before := accepted
	add := func(phase string, at *timestamppb.Timestamp) {
		if at == nil {
			return
		}
		t.Add(phase, seconds(at.AsTime().Sub(accepted)), seconds(at.AsTime().Sub(before)))
		before = at.AsTime()
	}
	add("accepted", run.GetCreatedAt())
	if len(attempts) > 0 {
		last := attempts[len(attempts)-1]
		add("placed", last.GetScheduledAt())
		add("driver runs", last.GetRunningAt())
	}
	add("first executor runs", firstExecutor(workers))
	add("end", run.GetEndedAt())
	return t
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// firstExecutor returns when the first executor ran; nil if none did.
func firstExecutor(workers []*controlv1.Worker) *timestamppb.Timestamp {
	var earliest *timestamppb.Timestamp
	for _, w := range workers {
		at := w.GetRunningAt()
		if w.GetType() == "EXECUTOR" && at != nil && (earliest == nil || at.AsTime().Before(earliest.AsTime())) {
			earliest = at
		}
	}
	return earliest
}
