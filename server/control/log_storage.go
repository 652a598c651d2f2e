package control

import (
	"context"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
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
	from := &logs.Stream{Place: c.cfg.LogPlace(uri), Folder: dispatch.LogsOf(run, w).Folder(), Name: stream}
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

// errNoLogs is for those who ask this server for logs that are elsewhere.
var errNoLogs = errs.New(errs.NotFound, "this server keeps no managed logs on its disk")
