package control

import (
	"context"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/logpath"
	"github.com/headrace/headrace/server/dispatch"
	"github.com/headrace/headrace/server/logs"
)

// maxStored is how many logs are read from where they are stored at once, each with a decompressor.
const maxStored = 64

// storedLog reads a worker's log from where its monitoring takes it; nil: it is taken nowhere.
func (c *Control) storedLog(run *state.JobRun, w *state.Worker, stream string) func(context.Context, int64, logs.Take) (bool, error) {
	uri := ""
	for _, to := range dispatch.Destinations(run, w, c.cfg.Dispatch.ManagedLogs()) {
		if to.GetWorkerLogs() {
			uri = to.GetUri()
		}
	}
	if uri == "" || c.cfg.LogPlace == nil {
		return nil
	}
	from := &logs.Stream{Place: c.cfg.LogPlace(uri), Folder: logFolder(run, w), Name: stream}
	return func(ctx context.Context, offset int64, take logs.Take) (bool, error) {
		select {
		case c.storedReads <- struct{}{}:
			defer func() { <-c.storedReads }()
		case <-ctx.Done():
			return false, ctx.Err()
		}
		return from.Copy(ctx, offset, take)
	}
}

// logFolder is where a worker's logs are, at every place.
func logFolder(run *state.JobRun, w *state.Worker) string {
	apart := run.Submission.Streaming || run.Submission.MaxAttempts > 1 // as its agent is told
	return logpath.Worker{Attempt: logpath.Attempt{Application: run.Application, Run: run.ID, Number: w.Attempt, Apart: apart},
		Type: w.Type.String(), Process: run.Submission.Process != nil, Number: w.Number, Epoch: w.Epoch}.Folder()
}

// errNoLogs is for those who ask this server for logs that are elsewhere.
var errNoLogs = errs.New(errs.NotFound, "this server keeps no managed logs on its disk")
