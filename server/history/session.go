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
	s := &session{ctx: ctx, files: map[string]*segment.File{}}
	if h != nil {
		s.from = h.replicas
	}
	return s
}

func (s *session) close() {
	for _, file := range s.files {
		_ = file.Close() // it was read only
	}
	s.files = map[string]*segment.File{}
}

// read returns the run in a row of a segment. It has to be the one with an id, or to have the worker with that id, else
// the index is damaged, and made anew by the next call.
func (s *session) read(of *state.Segment, row int, id string) (fsm.Finished, error) {
	file, err := s.file(of)
	if err != nil {
		return fsm.Finished{}, err
	}
	var finished fsm.Finished
	if row < file.Rows() {
		finished, err = file.Read(row)
	}
	switch {
	case err != nil:
		return finished, s.damaged(of, err)
	case row >= file.Rows() || !has(finished, id):
		wrong := errs.New(errs.Unavailable,
			"the index of segment %s of the history was damaged, and is made anew; try again", of.Name())
		return finished, errors.Join(wrong, s.from.Local.removeIndex(of.Name()))
	}
	return finished, nil
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
	if err := s.from.Ensure(s.ctx, of); err != nil {
		return nil, err
	}
	file, err := segment.Open(s.from.Local.path(of.Name()))
	if err != nil {
		return nil, s.damaged(of, err)
	}
	s.files[of.Name()] = file
	return file, nil
}

// search gives use the index of a segment.
func (s *session) search(of *state.Segment, use func(*segment.Index) error) error {
	if err := s.from.Ensure(s.ctx, of); err != nil {
		return err
	}
	index, err := s.from.Local.openIndex(of.Name())
	if err != nil {
		return s.damaged(of, err)
	}
	return errors.Join(use(index), index.Close())
}

// damaged is the error of a segment that cannot be read. If the copy is not what its name says, it is removed, and the
// next call brings another one; so is the index in any case.
func (s *session) damaged(of *state.Segment, cause error) error {
	local := s.from.Local
	if local.Has(of.Name()) && local.whole(of.Name()) {
		return cause
	}
	return errs.New(errs.Unavailable,
		"the copy of segment %s of the history on this server was damaged, and is brought anew; try again: %w",
		of.Name(), errors.Join(cause, local.remove(of.Name())))
}
