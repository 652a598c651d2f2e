package logs

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/storage"
	"github.com/headrace/headrace/internal/sweep"
)

// Objects is logs at an object store, or in a directory that machines share.
type Objects struct {
	Storage *storage.Client
	Base    string // URI of the folder of all logs
}

// Stat returns a file's size. The error is NotFound if the file is not there.
func (o *Objects) Stat(ctx context.Context, file string) (size int64, err error) {
	info, err := o.Storage.Stat(ctx, storage.Join(o.Base, file))
	return info.Size, err
}

// Read opens a file from an offset on. The error is NotFound if the file is not there.
func (o *Objects) Read(ctx context.Context, file string, offset int64) (io.ReadCloser, error) {
	from, _, err := o.Storage.Read(ctx, storage.Join(o.Base, file), offset)
	return from, err
}

// maxObjects bounds the files of one list.
const maxObjects = 100_000

// List returns the files of a folder, whose name ends with a slash, and of the folders in it.
func (o *Objects) List(ctx context.Context, folder string) (files []File, err error) {
	base := storage.Join(o.Base, folder)
	for info, err := range o.Storage.List(ctx, base) {
		if err != nil {
			return nil, err
		}
		if len(files) == maxObjects {
			return nil, errs.New(errs.TooLarge, "cannot list %s: it has more than %d files", base, maxObjects)
		}
		files = append(files, File{Path: folder + strings.TrimPrefix(info.URI, base), Size: info.Size})
	}
	return files, nil
}

// Sweep removes the files that were not written since oldest, and returns how many it removed. If a file cannot be
// removed now, it is left for the next time; the error is the first one.
func (o *Objects) Sweep(ctx context.Context, oldest time.Time) (removed int, err error) {
	for info, listed := range o.Storage.List(ctx, storage.Join(o.Base, top+"/")) {
		if listed != nil {
			return removed, errors.Join(err, listed)
		}
		if !info.Modified.Before(oldest) {
			continue
		}
		failed := o.Storage.Delete(ctx, info.URI)
		switch {
		case failed == nil:
			removed++
		case err == nil: // one is enough to know
			err = failed
		}
	}
	return removed, err
}

// SweepHourly sweeps now and every hour until ctx ends. Only the leader calls it.
func (o *Objects) SweepHourly(ctx context.Context, retention time.Duration, log *slog.Logger, panics *caught.Panics) {
	sweep.Every(ctx, objectsEvery, nil, func() {
		removed, err := caughtSweep(panics, func() (int, error) {
			return o.Sweep(ctx, time.Now().Add(-retention))
		})
		if err != nil && ctx.Err() == nil {
			log.Warn(
				"cannot remove all managed logs that are too old; trying again in an hour",
				"at", o.Base,
				"error", err,
			)
		}
		if removed > 0 {
			log.Info("managed logs removed", "at", o.Base, "files", removed, "retention", retention)
		}
	})
}
