package control

import (
	"context"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/dispatch"
	"github.com/headrace/headrace/server/logs"
)

// Bounds of the logs that are read from where they are stored at once, each with a decompressor.
const (
	maxStored  = 64
	storedEach = 8                // of one client
	storedWait = 10 * time.Second // for such a place
)

// storedLog reads a worker's log for a client from where its monitoring takes it; nil: it is taken nowhere. When there is no place, its
// reader is told through refused.
func (c *Control) storedLog(client string, refused func(error) error, view *state.View, run *state.JobRun, w *state.Worker, stream string) func(context.Context, int64, logs.Take) (bool, error) {
	uri := ""
	for _, to := range dispatch.Destinations(view, run, w, c.cfg.Dispatch.ManagedLogs()) {
		if to.GetWorkerLogs() {
			uri = to.GetUri()
		}
	}
	if uri == "" || c.cfg.LogPlace == nil {
		return nil
	}
	from := &logs.Stream{Place: c.cfg.LogPlace(uri), Folder: dispatch.LogsOf(run, w).Folder(), Name: stream}
	return func(ctx context.Context, offset int64, take logs.Take) (bool, error) {
		leave := c.storedReads.Wait(ctx, client, storedWait)
		if leave == nil {
			return false, refused(errs.New(errs.Overloaded, "cannot read the log now: %d that are stored are being read by this client, or %d by all; "+
				"try again later", storedEach, maxStored))
		}
		defer leave()
		return from.Copy(ctx, offset, take)
	}
}

// errNoLogs is for those who ask this server for logs that are elsewhere.
var errNoLogs = errs.New(errs.NotFound, "this server keeps no managed logs on its disk")
