package segment_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/resource"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/history/segment"
)

var rewrite = flag.Bool("rewrite", false, "write the segment of examples/history anew")

// sample is where the example has the segment that it asks.
var sample = filepath.Join("..", "..", "..", "examples", "history", "sample", "2030-01-01-sample.parquet")

// The segment of the example is one that this code reads. It is written once, and files like it are out there: a change
// with which it cannot be read any more is wrong.
func TestOpen_ReadsTheSegmentOfTheExample(t *testing.T) {
	want := slices.Collect(sampled().Finished())
	if *rewrite {
		var to bytes.Buffer
		_, err := segment.Write(&to, sampled(), want)
		must(t, err)
		must(t, os.MkdirAll(filepath.Dir(sample), 0o755))
		must(t, os.WriteFile(sample, to.Bytes(), 0o644))
	}
	file, err := segment.Open(sample)
	must(t, err)
	defer file.Close()
	if file.Rows() != len(want) {
		t.Errorf("it has %d runs, not %d", file.Rows(), len(want))
	}
	users := map[string]int{}
	for row := range file.Rows() {
		finished, err := file.Read(row)
		must(t, err)
		users[finished.Run.GetJobRun().GetCreatedBy()]++
	}
	if users["ann"] != 30 || users["bob"] != 20 || users["eve"] != 10 {
		t.Errorf("it has runs of %v", users)
	}
}

// sampled is a state with runs of three users, some of which failed.
func sampled() *state.View {
	tx := state.New().Begin()
	a := state.Application{ID: id('a', 0), State: state.ApplicationStarted, Created: began}
	a.Decide(specv1.Application_builder{
		Name: new("reports"), Engine: specv1.Engine_ENGINE_SPARK.Enum(), ReleaseLabel: new("emr-7.2.0"),
	}.Build())
	tx.PutApplication(a)
	for n := range 60 {
		sampleRun(tx, n)
	}
	return tx.Commit()
}

func sampleRun(tx *state.Tx, n int) {
	created := began.Add(time.Duration(n) * time.Minute)
	ended := created.Add(time.Duration(60+n) * time.Second)
	tags := map[string]string{"team": "data"}
	if n%4 == 0 {
		tags = nil
	}
	run := state.JobRun{
		ID: id('r', n), Application: id('a', 0), Release: "emr-7.2.0",
		CreatedBy: []string{"ann", "bob", "ann", "eve", "ann", "bob"}[n%6],
		Spec: specv1.JobRun_builder{
			Name: new(fmt.Sprintf("report-%d", n%5)), Tags: tags, Driver: specv1.JobDriver_builder{
				SparkSubmit: specv1.SparkSubmit_builder{EntryPoint: new("s3://jobs/report.py")}.Build(),
			}.Build(),
		}.Build(),
		State: state.RunSuccess, Attempt: 1,
		Created: created, Started: created, Entered: ended, Updated: ended, Ended: ended,
	}
	switch {
	case n%10 == 0:
		run.State = state.RunFailed
		run.Failure = state.Failure{Kind: state.FailedOutOfMemory, Message: "its driver used more memory than it holds"}
	case n%15 == 1:
		run.State = state.RunFailed
		run.Failure = state.Failure{Kind: state.FailedUserError, Message: "its driver ended with exit code 1"}
	}
	tx.PutJobRun(run)
	tx.PutAttempt(state.Attempt{Run: run.ID, Number: 1, State: state.AttemptSucceeded, Created: created, Ended: ended})
	tx.PutWorker(state.Worker{
		ID: id('w', n), Run: run.ID, Application: run.Application, Attempt: 1, Type: state.TypeDriver, Epoch: 1,
		State: state.WorkerEnded, Node: id('n', 0), Exit: state.Exit{Reason: state.ExitExited},
		Size:   state.Size{Vector: resource.Vector{MilliCPU: 4000, MemoryMiB: 16 << 10, DiskMiB: 20 << 10}},
		Placed: created, Running: created, Ended: ended,
	})
}
