package message

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// A driver of 2 vCPU, 4 GB and 40 GB of disk that ran for half an hour, and a task that ran for a second: it is billed
// a minute.
func TestJobRunDetails_ShowsWhatWasUsedInHours(t *testing.T) {
	began := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	size := state.Size{
		Vector: resource.Vector{MilliCPU: 2000, MemoryMiB: 4 << 10, DiskMiB: 40 << 10},
		Disk:   resource.DiskStandard,
	}
	program := specv1.JobDriver_builder{Process: specv1.Process_builder{Command: []string{"work"}}.Build()}
	spec := specv1.JobRun_builder{Driver: program.Build()}.Build()
	tx := state.New().Begin()
	tx.PutApplication(state.Application{ID: "a"})
	tx.PutJobRun(
		state.JobRun{
			ID:          "r",
			Application: "a",
			State:       state.RunSuccess,
			Attempt:     1,
			Started:     began,
			Ended:       began.Add(30 * time.Minute),
			Spec:        spec,
		},
	)
	for i, ran := range []time.Duration{30 * time.Minute, time.Second} {
		tx.PutWorker(
			state.Worker{
				ID:          string(rune('0' + i)),
				Run:         "r",
				Application: "a",
				Attempt:     1,
				Number:      uint32(i),
				Node:        "n",
				Size:        size,
				State:       state.WorkerEnded,
				Running:     began,
				Ended:       began.Add(ran),
			},
		)
	}
	view := tx.Commit()
	m := JobRunDetails(view, view.JobRun("r"), began.Add(time.Hour))
	seconds := func(n float64) float64 { return n / 3600 }
	wantSame(
		t,
		"total",
		m.GetTotalUtilization(),
		&controlv1.Utilization{
			VcpuHours:      2 * seconds(1801),
			MemoryGbHours:  4 * seconds(1801),
			StorageGbHours: 40 * seconds(1801),
		},
	)
	wantSame(
		t,
		"billed",
		m.GetBilledUtilization(),
		&controlv1.Utilization{
			VcpuHours:      2 * seconds(1860),
			MemoryGbHours:  4 * seconds(1860),
			StorageGbHours: 20 * seconds(1860),
		},
	)
	if m.GetExecutionSeconds() != 1800 {
		t.Errorf("it ran for %d seconds", m.GetExecutionSeconds())
	}
	s := Summary(view, view.JobRun("r"), began)
	if s.GetTotalUtilization() != nil || s.GetEffectiveConfiguration() != nil {
		t.Errorf("a list shows %v", s)
	}
}

// wantSame holds that two messages are equal.
func wantSame(t *testing.T, what string, got, want proto.Message) {
	t.Helper()
	if !proto.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
