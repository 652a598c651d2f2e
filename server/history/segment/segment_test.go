package segment_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/history/segment"
)

var began = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

func id(kind byte, n int) string { return fmt.Sprintf("01%c%023d", kind, n) }

// draw draws a state with runs that are over, of several applications.
func draw(t *rapid.T) *state.View {
	tx := state.New().Begin()
	tx.Initialize("cluster", "000000000000", "us-east-1")
	applications := rapid.IntRange(1, 4).Draw(t, "applications")
	for n := range applications {
		a := state.Application{ID: id('a', n), State: state.ApplicationStarted, Created: began}
		name := fmt.Sprintf("a%d", n)
		a.Decide(specv1.Application_builder{Name: &name, Engine: specv1.Engine_ENGINE_SPARK.Enum()}.Build())
		tx.PutApplication(a)
	}
	for n := range rapid.IntRange(1, 25).Draw(t, "runs") {
		drawRun(t, tx, n, applications)
	}
	return tx.Commit()
}

// over draws a state in which a run is over.
var over = rapid.SampledFrom([]state.JobRunState{state.RunSuccess, state.RunFailed, state.RunCancelled})

func drawRun(t *rapid.T, tx *state.Tx, n, applications int) {
	created := began.Add(time.Duration(n) * time.Second)
	text := rapid.SampledFrom([]string{"", "nightly", "ünïcode \x00 'text'", strings.Repeat("long ", 500)})
	builder := specv1.JobRun_builder{
		Tags: rapid.MapOfN(rapid.SampledFrom([]string{"team", "cost", "x"}), text, 0, 3).Draw(t, "tags"),
		Driver: specv1.JobDriver_builder{
			SparkSubmit: specv1.SparkSubmit_builder{EntryPoint: new("s3://b/" + text.Draw(t, "program"))}.Build(),
		}.Build(),
	}
	if name := text.Draw(t, "name"); name != "" {
		builder.Name = &name
	}
	if rapid.Bool().Draw(t, "streaming") {
		builder.Mode = specv1.JobRunMode_JOB_RUN_MODE_STREAMING.Enum()
	}
	run := state.JobRun{
		ID:          id('r', n),
		Application: id('a', rapid.IntRange(0, applications-1).Draw(t, "application")),
		Release:     "emr-7.2.0",
		CreatedBy:   rapid.SampledFrom([]string{"ann", "bob"}).Draw(t, "user"),
		Spec:        builder.Build(),
		State:       over.Draw(t, "state"),
		Attempt:     uint32(rapid.IntRange(1, 3).Draw(t, "attempts")),
		Created:     created,
		Updated:     created.Add(time.Hour),
		Ended:       created.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "lasted")) * time.Second),
	}
	if rapid.Bool().Draw(t, "inherits") {
		run.Inherited = "aa"
		inherit(tx)
	}
	if run.State == state.RunFailed {
		run.Failure = state.Failure{Kind: state.FailedUserError, Message: text.Draw(t, "reason")}
	}
	tx.PutJobRun(run)
	for number := uint32(1); number <= run.Attempt; number++ {
		tx.PutAttempt(state.Attempt{Run: run.ID, Number: number, State: state.AttemptFailed, Zone: "a", Created: created})
		for w := range rapid.IntRange(0, 3).Draw(t, "workers") {
			tx.PutWorker(state.Worker{
				ID:          id('w', n*100+int(number)*10+w),
				Run:         run.ID,
				Application: run.Application,
				Attempt:     number,
				Number:      uint32(w),
				Epoch:       1,
				Type:        state.TypeDriver,
				State:       state.WorkerEnded,
				Node:        "n1",
				Exit:        state.Exit{Reason: state.ExitExited},
				Placed:      created,
				Running:     created,
				Ended:       run.Ended,
			})
		}
	}
}

// inherit adds what runs inherit, unless it is there.
func inherit(tx *state.Tx) {
	if tx.View().Content("aa") == nil {
		tx.PutContent(state.Content{Digest: "aa", Defined: &eventv1.Content{
			Digest:  []byte{0xaa},
			Content: &eventv1.Content_Settings{Settings: &eventv1.Settings{Monitoring: &specv1.Monitoring{}}},
		}})
	}
}

// written is a segment on the disk, with its index.
type written struct {
	file  *segment.File
	index *segment.Index
	holds state.Segment
}

func write(t *testing.T, view *state.View, runs []*state.JobRun) written {
	t.Helper()
	var to bytes.Buffer
	holds, err := segment.Write(&to, view, runs)
	must(t, err)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "s"), to.Bytes(), 0o600))
	file, err := segment.Open(filepath.Join(dir, "s"))
	must(t, err)
	var index bytes.Buffer
	must(t, segment.WriteIndex(&index, file))
	must(t, os.WriteFile(filepath.Join(dir, "i"), index.Bytes(), 0o600))
	x, err := segment.OpenIndex(filepath.Join(dir, "i"))
	must(t, err)
	t.Cleanup(func() { must(t, errors.Join(file.Close(), x.Close())) })
	return written{file, x, holds}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func dump(t *testing.T, view *state.View) string {
	t.Helper()
	var b bytes.Buffer
	must(t, view.Dump(&b))
	return b.String()
}

// What went in comes out: a state whose runs left for a segment, and were recalled, is the state that it was.
func TestSegment_GivesBackWhatWentIn(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		view := draw(rt)
		runs := slices.Collect(view.Finished())
		s := write(t, view, runs)
		tx := view.Begin()
		for _, run := range runs {
			tx.RemoveJobRun(run.ID)
		}
		for a := range view.Applications("") {
			tx.RemoveApplication(a.ID)
		}
		empty := tx.Commit()
		must(t, empty.Check())
		var recalled []fsm.Finished
		for _, run := range runs {
			row, err := s.index.Run(run.ID)
			must(t, err)
			finished, err := s.file.Read(row)
			must(t, err)
			recalled = append(recalled, finished)
			for w := range view.WorkersOfRun(run.ID) {
				if of, err := s.index.Worker(w.ID); err != nil || of != row {
					rt.Fatalf("worker %s is in row %d, its run in %d (%v)", w.ID, of, row, err)
				}
			}
		}
		back := fsm.Recall(empty, recalled...)
		if got, want := dump(t, back), dump(t, withoutIdle(view, runs)); got != want {
			rt.Fatalf("it gives back\n%s\nand what went in is\n%s", got, want)
		}
		must(t, back.Check())
	})
}

// withoutIdle leaves out applications without runs: the segment does not know them.
func withoutIdle(view *state.View, runs []*state.JobRun) *state.View {
	tx := view.Begin()
	for a := range view.Applications("") {
		if !slices.ContainsFunc(runs, func(r *state.JobRun) bool { return r.Application == a.ID }) {
			tx.RemoveApplication(a.ID)
		}
	}
	return tx.Commit()
}

// A list by the index has just what a query selects, newest first, and what an id is not in is not found.
func TestIndex_SelectsWhatAQueryDoes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		view := draw(rt)
		s := write(t, view, slices.Collect(view.Finished()))
		q := segment.Query{}
		if rapid.Bool().Draw(rt, "by application") {
			q.Application = id('a', rapid.IntRange(0, 4).Draw(rt, "which"))
		}
		if rapid.Bool().Draw(rt, "by state") {
			q.States = []state.JobRunState{state.RunFailed}
		}
		if rapid.Bool().Draw(rt, "by user") {
			q.User = new("ann")
		}
		if rapid.Bool().Draw(rt, "by mode") {
			q.Mode = "STREAMING"
		}
		if rapid.Bool().Draw(rt, "by tag") {
			q.Tags = map[string]string{"team": "nightly"}
		}
		if rapid.Bool().Draw(rt, "by name") {
			q.Name = "nightly"
		}
		q.After = rapid.SampledFrom(moments).Draw(rt, "after")
		q.Before = rapid.SampledFrom(moments).Draw(rt, "before")
		if rapid.Bool().Draw(rt, "by prefix") {
			q.Prefix = id('r', 10)[:25]
		}
		var want []string
		for run := range view.JobRunsOfAll("") {
			if wants(q, run) {
				want = append(want, run.ID)
			}
		}
		got := selected(t, s, q)
		// Names, users and tags are compared by hashes, of which no two of those that are drawn are the same.
		if !slices.Equal(got, want) {
			rt.Fatalf("%+v selects\n%v\nand not\n%v", q, got, want)
		}
		if row, err := s.index.Run(id('r', 5000)); row != -1 || err != nil {
			rt.Fatalf("a run that is not there is in row %d (%v)", row, err)
		}
	})
}

// moments are bounds of a query: none, some among the runs, and some that nanoseconds since 1970 cannot say.
var moments = []time.Time{
	{},
	began.Add(10 * time.Second),
	began.Add(40 * time.Second),
	time.Unix(0, 0),
	time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC),
	time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC),
	time.Date(2400, 1, 1, 0, 0, 0, 0, time.UTC),
	time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
}

func wants(q segment.Query, run *state.JobRun) bool {
	for key, value := range q.Tags {
		if run.Spec.GetTags()[key] != value {
			return false
		}
	}
	return (q.Application == "" || q.Application == run.Application) &&
		(q.States == nil || slices.Contains(q.States, run.State)) &&
		(q.User == nil || *q.User == run.CreatedBy) &&
		(q.Mode == "" || run.Streaming()) &&
		(q.Name == "" || q.Name == run.Spec.GetName()) &&
		(q.After.IsZero() || run.Created.After(q.After)) &&
		(q.Before.IsZero() || run.Created.Before(q.Before)) &&
		strings.HasPrefix(run.ID, q.Prefix)
}

func selected(t *testing.T, s written, q segment.Query) (ids []string) {
	t.Helper()
	for below := "~"; below != ""; {
		found, _, from, err := s.index.Below(q, below)
		must(t, err)
		for _, f := range found {
			ids = append(ids, f.ID)
		}
		below = from
	}
	return ids
}

// Who reads the file with other tools finds the columns of docs/history.md, and rows in their order.
func TestSegment_IsParquetInOrder(t *testing.T) {
	view := rapid.Custom(draw).Example(7)
	runs := slices.Collect(view.Finished())
	var to bytes.Buffer
	holds, err := segment.Write(&to, view, runs)
	must(t, err)
	file, err := parquet.OpenFile(bytes.NewReader(to.Bytes()), int64(to.Len()))
	must(t, err)
	if file.NumRows() != int64(len(runs)) || holds.Runs != int64(len(runs)) {
		t.Errorf("%d runs gave %d rows and %d runs", len(runs), file.NumRows(), holds.Runs)
	}
	page, err := os.ReadFile("../../../docs/history.md")
	must(t, err)
	for _, field := range file.Schema().Fields() {
		if !strings.Contains(string(page), "`"+field.Name()+"`") {
			t.Errorf("docs/history.md does not describe the column %s", field.Name())
		}
	}
	for _, column := range file.Metadata().RowGroups[0].Columns {
		for _, encoding := range column.MetaData.Encoding {
			if strings.HasPrefix(encoding.String(), "DELTA") {
				t.Errorf("Spark 3.5 reads column %v wrongly, it is encoded as %s", column.MetaData.PathInSchema, encoding)
			}
		}
	}
	sorting := file.Metadata().RowGroups[0].SortingColumns
	if len(sorting) != 3 {
		t.Errorf("it says to be sorted by %v", sorting)
	}
}

// A file that is cut off is an error, and nothing is made of it.
func TestOpen_RefusesWhatIsTorn(t *testing.T) {
	view := rapid.Custom(draw).Example(3)
	var to bytes.Buffer
	_, err := segment.Write(&to, view, slices.Collect(view.Finished()))
	must(t, err)
	path := filepath.Join(t.TempDir(), "s")
	for _, length := range []int{0, 4, to.Len() / 2, to.Len() - 1} {
		must(t, os.WriteFile(path, to.Bytes()[:length], 0o600))
		if file, err := segment.Open(path); err == nil {
			t.Errorf("the first %d of %d bytes were opened: %v", length, to.Len(), file.Close())
		}
	}
}
