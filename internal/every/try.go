package every

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/headrace/headrace/internal/backoff"
)

// Try calls do until it succeeds, so often at most, as long as again says that a repetition may cure its error and ctx
// has not ended. It returns the last error. The pauses have jitter: what breaks for many at one moment is not tried
// again by all of them at one moment.
func Try(
	ctx context.Context, times int, pauses backoff.Doubling, again func(error) bool, do func() error,
) error {
	err := do()
	for tried := 1; err != nil && tried < times && again(err); tried++ {
		if !Pause(ctx, backoff.Jitter(pauses.Next(), rand.N[time.Duration])) {
			break
		}
		err = do()
	}
	return err
}
