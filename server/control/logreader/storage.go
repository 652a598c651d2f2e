package logreader

import (
	"context"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/dispatch"
	"github.com/headrace/headrace/server/logs"
)

// Bounds of the stored logs that are read at once, each with a decompressor.
const (
	maxStored     = 64
	maxStoredEach = 8                // of one client
	storedWait    = 10 * time.Second // for such a place
)

// storedLog reads a log for a client from where its monitoring keeps it; nil: it is kept nowhere. If there is no place
// for the client, refused is told.
func (r *Reader) storedLog(client string, refused func(error) error, view *state.View, log Log) readStored {
	uri := r.destination(view, log)
	if uri == "" || r.cfg.Backend == nil {
		return nil
	}
	from := &logs.Stream{
		Backend: r.cfg.Backend(uri),
		Folder:  dispatch.LogsOf(log.Run, log.Worker).Folder(),
		Name:    log.Stream,
	}
	return func(ctx context.Context, offset int64, take logs.Take) (bool, error) {
		leave := r.stored.Wait(ctx, client, storedWait)
		if leave == nil {
			return false, refused(errs.New(
				errs.Overloaded,
				"cannot read the log now: %d that are stored are being read by this client, or %d by all; "+
					"try again later",
				maxStoredEach,
				maxStored,
			))
		}
		defer leave()
		return from.Copy(ctx, offset, take)
	}
}

// destination returns where a worker's log is kept; empty: nowhere.
func (r *Reader) destination(view *state.View, log Log) (uri string) {
	for _, to := range dispatch.Destinations(view, log.Run, log.Worker, r.cfg.Dispatch.ManagedLogs()) {
		if to.GetWorkerLogs() {
			uri = to.GetUri()
		}
	}
	return uri
}
