package control

import (
	"context"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/command"
)

// The metadata of a log that is read: the attempt in the header, and in the trailer what readers should know of its end.
const (
	logAttemptKey = "headrace-attempt"
	logNoteKey    = "headrace-note"
)

// ReadLog streams a log from the node that has it, and from where its monitoring takes it when the node does not, no faster than
// the caller reads. Offsets are the same at both, so the caller sees one log.
func (j *jobRuns) ReadLog(r *controlv1.ReadLogRequest, stream grpc.ServerStreamingServer[controlv1.ReadLogResponse]) error {
	if r.GetStream() != "stdout" && r.GetStream() != "stderr" {
		return errs.Field("stream", "%q is neither stdout nor stderr", r.GetStream())
	}
	if o := r.GetOffset(); o < 0 || o > maxLogOffset {
		return errs.Field("offset", "%d is not between 0 and %d", o, int64(maxLogOffset))
	}
	ctx := stream.Context()
	note, err := j.readLog(ctx, r, func(run *state.JobRun, w *state.Worker) error {
		if err := mayRead(ctx, run, "read the logs of job run %s"); err != nil {
			return err
		}
		return stream.SendHeader(metadata.Pairs(logAttemptKey, strconv.FormatUint(uint64(w.Attempt), 10)))
	}, func(offset int64, data []byte) error {
		return inTime(logTaken, func() error { return stream.Send(&controlv1.ReadLogResponse{Offset: offset, Data: data}) })
	})
	if note != "" {
		stream.SetTrailer(metadata.Pairs(logNoteKey, note))
	}
	return err
}

// readLog reads a log for a caller, who is told first whose it is and may refuse.
func (c *Control) readLog(ctx context.Context, r *controlv1.ReadLogRequest, found func(*state.JobRun, *state.Worker) error, send func(int64, []byte) error) (note string, err error) {
	view, err := c.read(ctx, false)
	if err != nil {
		return "", err
	}
	run, err := command.FindJobRun(view, r.GetApplicationId(), r.GetJobRunId())
	if err != nil {
		return "", err
	}
	w, err := loggedWorker(view, run, r)
	if err != nil {
		return "", err
	}
	if err := found(run, w); err != nil {
		return "", err
	}
	return c.logOf(logClient(ctx, run), view, run, w, r, send).read(ctx)
}

// Log reads a log for a user interface, whose link says that it may be read.
func (c *Control) Log(ctx context.Context, r *controlv1.ReadLogRequest, take func(data []byte) error) error {
	_, err := c.readLog(ctx, r, func(*state.JobRun, *state.Worker) error { return nil }, func(_ int64, data []byte) error { return take(data) })
	return err
}

// logTaken is how long the reader of a log may take nothing. What it holds meanwhile, others wait for.
const logTaken = 30 * time.Second

// inTime sends a part of a log. A send that takes too long ends with its stream, which the handler's return ends.
func inTime(most time.Duration, send func() error) error {
	sent := make(chan error, 1)
	go func() { sent <- send() }()
	late := time.NewTimer(most)
	defer late.Stop()
	select {
	case err := <-sent:
		return err
	case <-late.C:
		return errs.New(errs.Overloaded, "cannot hold the log any longer: nothing of it was taken for %s; read on from where it ended", most)
	}
}

// logClient names who has a share of what reads logs. Who reads by a link has that of the user whose run it shows.
func logClient(ctx context.Context, run *state.JobRun) string {
	if who := caller.Of(ctx); who.Known() {
		return who.User
	}
	return "link of " + run.CreatedBy // with spaces, which no user's name has
}

func loggedWorker(view *state.View, run *state.JobRun, r *controlv1.ReadLogRequest) (*state.Worker, error) {
	attempt := r.GetAttempt()
	if attempt == 0 {
		attempt = run.Attempt
	}
	if attempt > run.Attempt {
		return nil, noAttempt(run, attempt)
	}
	w := view.NewestWorker(run.ID, attempt, r.GetWorkerNumber())
	if w == nil {
		return nil, errs.New(errs.NotFound, "attempt %d of job run %s has no worker %d yet; `headrace job-run explain` says what it waits for", attempt, run.ID, r.GetWorkerNumber())
	}
	return w, nil
}

// logOf returns what reads a worker's log for a caller.
func (c *Control) logOf(client string, view *state.View, run *state.JobRun, w *state.Worker, r *controlv1.ReadLogRequest, send func(int64, []byte) error) *logReader {
	l := &logReader{follow: r.GetFollow(), offset: r.GetOffset(), send: send, pause: logPause, patience: logPatience,
		fate: func(ctx context.Context) (logFate, error) { return c.logFate(ctx, w.ID) }}
	l.node = c.nodeLog(client, l.refuse, w, r)
	l.stored = c.storedLog(client, l.refuse, view, run, w, r.GetStream())
	return l
}

// logFate asks the state what can still come of a worker's log.
func (c *Control) logFate(ctx context.Context, worker string) (logFate, error) {
	view, err := c.read(ctx, false)
	if err != nil {
		return logFate{}, err
	}
	w := view.Worker(worker)
	if w == nil {
		return logFate{}, errs.New(errs.NotFound, "worker %s is forgotten with its run", worker)
	}
	node := view.Node(w.Node)
	return logFate{live: w.Live(), gone: node == nil || node.State != state.NodeReady, cut: w.Exit.Reason == state.ExitNodeLost}, nil
}
