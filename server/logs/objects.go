package logs

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/storage"
)

// Objects is logs at an object store, or in a directory that machines share.
type Objects struct {
	Storage *storage.Client
	Base    string // URI of the folder of all logs
}

// Stat returns a file's size; NotFound if it is not there.
func (o *Objects) Stat(ctx context.Context, file string) (size int64, err error) {
	info, err := o.Storage.Stat(ctx, storage.Join(o.Base, file))
	return info.Size, err
}

// Read opens a file from an offset on; NotFound if it is not there.
func (o *Objects) Read(ctx context.Context, file string, offset int64) (io.ReadCloser, error) {
	from, _, err := o.Storage.Read(ctx, storage.Join(o.Base, file), offset)
	return from, err
}

// Sweep removes files that were not written since oldest, and returns how many. What cannot be removed now is left for the next
// time.
func (o *Objects) Sweep(ctx context.Context, oldest time.Time) (removed int, err error) {
	for info, listed := range o.Storage.List(ctx, storage.Join(o.Base, top+"/")) {
		if listed != nil {
			return removed, errors.Join(err, listed)
		}
		if !info.Modified.Before(oldest) {
			continue
		}
		if failed := o.Storage.Delete(ctx, info.URI); failed != nil {
			if err == nil { // one is enough to know
				err = failed
			}
			continue
		}
		removed++
	}
	return removed, err
}

// SweepHourly sweeps now and every hour until ctx ends. Only the leader does it.
func (o *Objects) SweepHourly(ctx context.Context, retention time.Duration, log *slog.Logger, panics *caught.Panics) {
	ticker := time.NewTicker(placeEvery)
	defer ticker.Stop()
	for {
		var removed int
		err := panics.Do("sweeping managed logs", func() (err error) {
			removed, err = o.Sweep(ctx, time.Now().Add(-retention))
			return err
		})
		if err != nil && ctx.Err() == nil {
			log.Warn("cannot remove all managed logs that are too old; trying again in an hour", "at", o.Base, "error", err)
		}
		if removed > 0 {
			log.Info("managed logs removed", "at", o.Base, "files", removed, "retention", retention)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
