package segment

import (
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command"
)

// row is a job run that is over. What people ask for has a column; docs/history.md describes each. Every text says how
// it is encoded: by itself the library chooses DELTA_LENGTH_BYTE_ARRAY, of which Spark 3.5 reads empty texts at the end
// of a page if the column has fewer values than rows.
type row struct {
	ApplicationID   string            `parquet:"application_id,dict"`
	ApplicationName string            `parquet:"application_name,dict"`
	JobRunID        string            `parquet:"job_run_id,plain"`
	Name            string            `parquet:"name,optional,dict"`
	State           string            `parquet:"state,dict"`
	FailureKind     string            `parquet:"failure_kind,optional,dict"`
	Reason          string            `parquet:"reason,optional,plain"`
	User            string            `parquet:"user,dict"`
	CancelledBy     string            `parquet:"cancelled_by,optional,dict"`
	Engine          string            `parquet:"engine,dict"`
	Release         string            `parquet:"release_label,dict"`
	Mode            string            `parquet:"mode,dict"`
	Program         string            `parquet:"program,dict"`
	CreatedAt       time.Time         `parquet:"created_at,timestamp(microsecond)"`
	StartedAt       time.Time         `parquet:"started_at,optional,timestamp(microsecond)"`
	EndedAt         time.Time         `parquet:"ended_at,timestamp(microsecond)"`
	QueuedMillis    int64             `parquet:"queued_milliseconds"`
	RanSeconds      int64             `parquet:"execution_seconds"`
	Attempts        int32             `parquet:"attempts"`
	Workers         int32             `parquet:"workers"`
	Zone            string            `parquet:"zone,optional,dict"`
	VCPUHours       float64           `parquet:"vcpu_hours"`
	MemoryHours     float64           `parquet:"memory_gb_hours"`
	StorageHours    float64           `parquet:"storage_gb_hours"`
	BilledVCPU      float64           `parquet:"billed_vcpu_hours"`
	BilledMemory    float64           `parquet:"billed_memory_gb_hours"`
	BilledStorage   float64           `parquet:"billed_storage_gb_hours"`
	Tags            map[string]string `parquet:"tags" parquet-key:",dict" parquet-value:",dict"`

	ApplicationRow []byte `parquet:"application_row,dict"`
	SettingsRow    []byte `parquet:"settings_row,dict"`
	RunRow         []byte `parquet:"run_row,plain"`
}

// rowOf returns what a segment says of a run.
func rowOf(view *state.View, run *state.JobRun) (row, error) {
	r := row{
		ApplicationID: run.Application,
		JobRunID:      run.ID,
		Name:          run.Spec.GetName(),
		State:         run.State.String(),
		FailureKind:   run.Failure.Kind.String(),
		Reason:        run.Failure.Message,
		User:          run.CreatedBy,
		CancelledBy:   run.CancelledBy,
		Release:       run.Release,
		Mode:          modeOf(run),
		Program:       programOf(run),
		CreatedAt:     run.Created,
		StartedAt:     run.Started,
		EndedAt:       run.Ended,
		QueuedMillis:  run.Queued.Milliseconds(),
		RanSeconds:    command.ExecutionSeconds(run),
		Attempts:      int32(run.Attempt),
		Tags:          run.Spec.GetTags(),
	}
	if application := view.Application(run.Application); application != nil {
		r.ApplicationName = application.Spec.GetName()
		r.Engine = application.Engine.String()
	}
	if newest := view.Attempt(run.ID, run.Attempt); newest != nil {
		r.Zone = newest.Zone
	}
	for range view.WorkersOfRun(run.ID) {
		r.Workers++
	}
	r.use(view, run)
	return r, r.keep(fsm.FinishedOf(view, run))
}

// use says what the run's workers held.
func (r *row) use(view *state.View, run *state.JobRun) {
	total, billed := command.Utilization(view, run, run.Ended)
	r.VCPUHours, r.MemoryHours, r.StorageHours = total.Hours()
	r.BilledVCPU, r.BilledMemory, r.BilledStorage = billed.Hours()
}

// keep adds what the state knew.
func (r *row) keep(f fsm.Finished) (err error) {
	for _, column := range []struct {
		to      *[]byte
		message proto.Message
		has     bool
	}{
		{&r.ApplicationRow, f.Application, f.Application != nil},
		{&r.SettingsRow, f.Inherited, f.Inherited != nil},
		{&r.RunRow, f.Run, true},
	} {
		if column.has && err == nil {
			*column.to, err = proto.MarshalOptions{Deterministic: true}.Marshal(column.message)
		}
	}
	if err != nil {
		return errs.New(errs.Internal, "cannot encode job run %s: %w", r.JobRunID, err)
	}
	return nil
}

// modeOf writes a run's mode as filters do.
func modeOf(run *state.JobRun) string {
	if run.Streaming() {
		return "STREAMING"
	}
	return "BATCH"
}

// programOf names the program of a run, and says nothing of what it is given. Of a Hive run it is the query, which is a
// file or the query itself.
func programOf(run *state.JobRun) string {
	driver := run.Spec.GetDriver()
	switch {
	case driver.HasSparkSubmit():
		return driver.GetSparkSubmit().GetEntryPoint()
	case driver.HasHive():
		return driver.GetHive().GetQuery()
	case len(driver.GetProcess().GetCommand()) > 0:
		return driver.GetProcess().GetCommand()[0]
	}
	return ""
}
