package copies

import (
	"context"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/headrace/headrace/internal/errs"
)

// Once brings each file once, however many ask for it at the same time. The zero value is ready; its methods may be
// called by many goroutines.
type Once struct{ bringing singleflight.Group }

// File is one that is to be here.
type File struct {
	Name string      // no other file has it
	What string      // the file, for people
	Here func() bool // says whether it is here
}

// Do has a file here: it brings it, within a time, unless it is here or being brought. Who asks for one that is being
// brought waits for it, or until ctx ends.
func (o *Once) Do(ctx context.Context, f File, within time.Duration, bring func(context.Context) error) error {
	if f.Here() {
		return nil
	}
	done := o.bringing.DoChan(f.Name, func() (any, error) {
		if f.Here() {
			return nil, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within) // others wait for it, too
		defer cancel()
		return nil, bring(ctx)
	})
	select {
	case answer := <-done:
		return answer.Err
	case <-ctx.Done():
		return errs.New(errs.Unavailable, "cannot wait for %s: %w", f.What, ctx.Err())
	}
}
