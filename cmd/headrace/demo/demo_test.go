package demo

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// at is a moment so many milliseconds after the run was accepted.
func at(milliseconds int) *timestamppb.Timestamp {
	return timestamppb.New(
		time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC).Add(time.Duration(milliseconds) * time.Millisecond))
}

func workers() []*controlv1.Worker {
	size := &controlv1.Resources{MilliCpu: 2000, MemoryMib: 4 << 10}
	return []*controlv1.Worker{
		{
			Type: "DRIVER",
			Zone: "zone-a", NodeId: "n1", NodeName: "zone-a-1", Size: size, RunningAt: at(200), EndedAt: at(9000),
		},
		{
			Type:   "EXECUTOR",
			Number: 1, Zone: "zone-a", NodeId: "n1", NodeName: "zone-a-1", Size: size, RunningAt: at(4500), EndedAt: at(
				8500),
		},
		{
			Type:   "EXECUTOR",
			Number: 2, Zone: "zone-a", NodeId: "n2", NodeName: "zone-a-2", Size: size, RunningAt: at(4200), EndedAt: at(
				8500),
		},
	}
}

func written(t *testing.T, table output.Table) string {
	t.Helper()
	var out strings.Builder
	if err := table.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestWhereTable_NamesThePlaceOfEveryWorker(t *testing.T) {
	table, nodes := whereTable(workers())
	want := `WORKER      ZONE    NODE      VCPU  MEMORY     RAN
driver      zone-a  zone-a-1     2    4 GB  8.80 s
executor 1  zone-a  zone-a-1     2    4 GB  4.00 s
executor 2  zone-a  zone-a-2     2    4 GB  4.30 s
`
	if got := written(t, table); got != want || nodes != 2 {
		t.Errorf("%d nodes and\n%s\nwant 2 and\n%s", nodes, got, want)
	}
}

func TestPhaseTable_CountsFromTheAcceptance(t *testing.T) {
	run := &controlv1.JobRun{CreatedAt: at(0), EndedAt: at(9100)}
	attempts := []*controlv1.Attempt{{ScheduledAt: at(10), RunningAt: at(200)}}
	want := `PHASE                    AT    TOOK
accepted             0.00 s  0.00 s
placed               0.01 s  0.01 s
driver runs          0.20 s  0.19 s
first executor runs  4.20 s  4.00 s
end                  9.10 s  4.90 s
`
	if got := written(t, phaseTable(run, attempts, workers())); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestRun_SaysWhereItHasToRun(t *testing.T) {
	err := Run(t.Context(), t.Context(), Config{Examples: t.TempDir()})
	if !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "--examples") {
		t.Errorf("error %v", err)
	}
}
