package history

import (
	"context"
	"errors"
	"slices"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	snapshotv1 "github.com/headrace/headrace/proto/headrace/snapshot/v1"
	"github.com/headrace/headrace/server/history/segment"
)

// maxOpen bounds the segments that one call has open at once.
const maxOpen = 16

// session is the segments that one call reads. One goroutine uses it; close ends it.
type session struct {
	ctx   context.Context //nolint:containedctx // it lives as long as one call
	from  *Replicas
	files map[string]*segment.File
}

func (h *History) session(ctx context.Context) *session {
	return &session{ctx: ctx, from: h.replicas, files: map[string]*segment.File{}}
}

func (s *session) close() {
	for name := range s.files {
		s.forget(name)
	}
}

// forget closes a segment, if it is open.
func (s *session) forget(name string) {
	if file := s.files[name]; file != nil {
		_ = file.Close() // it was read only
		delete(s.files, name)
	}
}

// read returns the run in a row of a segment. It has to be the one with an id, or to have the worker with that id.
func (s *session) read(of *state.Segment, row int, id string) (finished fsm.Finished, err error) {
	err = s.again(of, func() error {
		file, err := s.file(of)
		if err != nil {
			return err
		}
		if finished, err = file.Read(row); err == nil && !has(finished, id) {
			err = errs.New(errs.Internal, "row %d of %s is not that of %s, as its index says", row, titleOf(of), id)
		}
		return err
	})
	return finished, err
}

// has says whether a run has an id, or a worker with that id.
func has(f fsm.Finished, id string) bool {
	isWorker := func(w *snapshotv1.Worker) bool { return w.GetWorkerId() == id }
	return f.Run.GetJobRun().GetJobRunId() == id || slices.ContainsFunc(f.Run.GetWorkers(), isWorker)
}

func (s *session) file(of *state.Segment) (*segment.File, error) {
	if file := s.files[of.Name()]; file != nil {
		return file, nil
	}
	if len(s.files) == maxOpen {
		s.close()
	}
	file, err := segment.Open(s.from.Local.path(of.Name()))
	if err == nil {
		s.files[of.Name()] = file
	}
	return file, err
}

// search gives use the index of a segment, for a second time if something of the first one could not be read.
func (s *session) search(of *state.Segment, use func(*segment.Index) error) error {
	return s.again(of, func() error {
		index, err := s.from.Local.openIndex(of.Name())
		if err != nil {
			return err
		}
		return errors.Join(use(index), index.Close())
	})
}

// again has a segment here and calls use, which reads it. If use fails, it is called once more, after the segment was
// mended.
func (s *session) again(of *state.Segment, use func() error) error {
	if err := s.from.Ensure(s.ctx, of); err != nil {
		return err
	}
	cause := use()
	if cause == nil {
		return nil
	}
	s.forget(of.Name())
	if err := s.from.mend(s.ctx, of, cause); err != nil {
		return err
	}
	if err := use(); err != nil {
		return unreadable(of, err)
	}
	return nil
}
