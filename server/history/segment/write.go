package segment

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
)

const (
	// pageBytes is how large a page of a column becomes: who wants one run reads one.
	pageBytes = 64 << 10
	// createdBy names who wrote a segment, for those who read it.
	createdBy = "headrace"
)

// Write writes runs of a view that are over, as a segment, and returns what it holds; its digest and its size are what
// was written.
func Write(to io.Writer, view *state.View, runs []*state.JobRun) (holds state.Segment, err error) {
	rows := make([]row, 0, len(runs))
	for _, run := range runs {
		if !ident.Valid(run.ID) {
			return holds, errs.New(errs.Internal, "cannot write a job run with the id %.40q into a segment", run.ID)
		}
		r, err := rowOf(view, run)
		if err != nil {
			return holds, err
		}
		rows = append(rows, r)
		widen(&holds, view, run)
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(strings.Compare(a.ApplicationID, b.ApplicationID), a.CreatedAt.Compare(b.CreatedAt),
			strings.Compare(a.JobRunID, b.JobRunID))
	})
	return holds, writeRows(to, rows)
}

func writeRows(to io.Writer, rows []row) error {
	w := parquet.NewGenericWriter[row](to,
		parquet.Compression(&parquet.Zstd),
		parquet.PageBufferSize(pageBytes),
		parquet.CreatedBy(createdBy, "1", ""),
		parquet.DataPageStatistics(true),
		parquet.DataPageVersion(1),
		parquet.SkipPageBounds("run_row"),
		parquet.SkipPageBounds("application_row"),
		parquet.SkipPageBounds("settings_row"),
		parquet.SortingWriterConfig(parquet.SortingColumns(
			parquet.Ascending("application_id"),
			parquet.Ascending("created_at"),
			parquet.Ascending("job_run_id"),
		)),
	)
	if _, err := w.Write(rows); err != nil {
		return errs.New(errs.Internal, "cannot write a segment of %d job runs: %w", len(rows), err)
	}
	if err := w.Close(); err != nil {
		return errs.New(errs.Internal, "cannot write a segment of %d job runs: %w", len(rows), err)
	}
	return nil
}

// widen takes a run into the ranges of its segment.
func widen(s *state.Segment, view *state.View, run *state.JobRun) {
	if s.Runs++; s.Runs == 1 {
		s.FirstRun, s.LastRun = run.ID, run.ID
		s.FirstCreated, s.LastCreated = run.Created, run.Created
		s.FirstEnded, s.LastEnded = run.Ended, run.Ended
	}
	s.FirstRun, s.LastRun = min(s.FirstRun, run.ID), max(s.LastRun, run.ID)
	if run.Created.Before(s.FirstCreated) {
		s.FirstCreated = run.Created
	}
	if run.Created.After(s.LastCreated) {
		s.LastCreated = run.Created
	}
	if run.Ended.Before(s.FirstEnded) {
		s.FirstEnded = run.Ended
	}
	if run.Ended.After(s.LastEnded) {
		s.LastEnded = run.Ended
	}
	for w := range view.WorkersOfRun(run.ID) {
		if s.FirstWorker == "" {
			s.FirstWorker = w.ID
		}
		s.FirstWorker, s.LastWorker = min(s.FirstWorker, w.ID), max(s.LastWorker, w.ID)
	}
}
