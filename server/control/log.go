package control

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/control/logreader"
	"github.com/headrace/headrace/server/control/routing"
)

// The metadata of a log that is read: the attempt in the header, and in the trailer what readers should know of its
// end.
const (
	logAttemptKey = "headrace-attempt"
	logNoteKey    = "headrace-note"
)

// ReadLog streams a log from the node that has it, and from where its monitoring keeps it when the node does not
// answer, no faster than the caller reads. Offsets are the same at both, so the caller sees one log.
func (j *jobRuns) ReadLog(
	r *controlv1.ReadLogRequest,
	stream grpc.ServerStreamingServer[controlv1.ReadLogResponse],
) error {
	if err := checkLog(r); err != nil {
		return err
	}
	ctx := stream.Context()
	view, log, err := j.findLog(ctx, r)
	if err != nil {
		return err
	}
	if err := routing.MayRead(ctx, log.Run, "read the logs of job run %s"); err != nil {
		return err
	}
	attempt := strconv.FormatUint(uint64(log.Worker.Attempt), 10)
	if err := stream.SendHeader(metadata.Pairs(logAttemptKey, attempt)); err != nil {
		return err
	}
	note, err := j.logs.Read(ctx, view, log, func(offset int64, data []byte) error {
		part := &controlv1.ReadLogResponse{Offset: offset, Data: data}
		return inTime(maxSend, func() error { return stream.Send(part) })
	})
	if note != "" {
		stream.SetTrailer(metadata.Pairs(logNoteKey, note))
	}
	return neverStarted(log.Worker, err)
}

func checkLog(r *controlv1.ReadLogRequest) error {
	if r.GetStream() != "stdout" && r.GetStream() != "stderr" {
		return errs.Field("stream", "%q is neither stdout nor stderr", r.GetStream())
	}
	if o := r.GetOffset(); o < 0 || o > logreader.MaxOffset {
		return errs.Field("offset", "%d is not between 0 and %d", o, int64(logreader.MaxOffset))
	}
	return nil
}

// findLog reads a view, and finds in it the log that a request is for.
func (c *Control) findLog(ctx context.Context, r *controlv1.ReadLogRequest) (*state.View, logreader.Log, error) {
	view, run, err := c.findRun(ctx, false, r.GetApplicationId(), r.GetJobRunId())
	if err != nil {
		return nil, logreader.Log{}, err
	}
	attempt, err := attemptOf(run, r.GetAttempt())
	if err != nil {
		return nil, logreader.Log{}, err
	}
	w := view.NewestWorker(run.ID, attempt, r.GetWorkerNumber())
	if w == nil {
		return nil, logreader.Log{}, noWorker(ctx, view, run, view.Attempt(run.ID, attempt), r.GetWorkerNumber())
	}
	return view, logreader.Log{
		Run:    run,
		Worker: w,
		Stream: r.GetStream(),
		Offset: r.GetOffset(),
		Follow: r.GetFollow(),
	}, nil
}

// noWorker says why an attempt has no worker of a number: it is too early, or it never had one.
func noWorker(ctx context.Context, view *state.View, run *state.JobRun, a *state.Attempt, number uint32) error {
	if a == nil || !a.State.Over() {
		return errs.New(
			errs.NotFound,
			"attempt %d of job run %s has no worker %d yet; `headrace job-run explain` says what it waits for",
			cmp.Or(a, &state.Attempt{Number: run.Attempt}).Number,
			run.ID,
			number,
		)
	}
	why := ""
	if a.Failure.Message != "" && routing.MayRead(ctx, run, "read why job run %s failed") == nil {
		why = ": " + a.Failure.Message
	}
	for range view.WorkersOfAttempt(run.ID, a.Number) {
		return errs.New(
			errs.NotFound,
			"attempt %d of job run %s had no worker %d; `headrace worker list %s` shows those that it had",
			a.Number,
			run.ID,
			number,
			run.ID,
		)
	}
	return errs.New(
		errs.NotFound,
		"attempt %d of job run %s ended %s before it had a worker, so there is no log%s",
		a.Number,
		run.ID,
		a.State,
		why,
	)
}

// neverStarted says that a worker has no log because its process never ran; another error stays as it is.
func neverStarted(w *state.Worker, err error) error {
	if !errs.Is(err, errs.NotFound) || w.Live() || !w.Running.IsZero() {
		return err
	}
	return errs.New(
		errs.NotFound,
		"worker %d of attempt %d never started, so there is no log; it ended %s: %s",
		w.Number,
		w.Attempt,
		w.Exit.Reason,
		cmp.Or(w.Exit.Message, "no more is known"),
	)
}

// maxSend is how long the reader of a log may take nothing. What it holds meanwhile, others wait for.
const maxSend = 30 * time.Second

// inTime sends a part of a log. A send that takes longer than the limit ends with its stream, which the handler's
// return ends.
func inTime(limit time.Duration, send func() error) error {
	sent := make(chan error, 1)
	go func() { sent <- send() }()
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case err := <-sent:
		return err
	case <-late.C:
		return errs.New(
			errs.Overloaded,
			"cannot hold the log any longer: nothing of it was taken for %s; read on from where it ended",
			limit,
		)
	}
}
