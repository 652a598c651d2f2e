package sweep

import (
	"context"
	"time"
)

// lookEvery is how often it is asked whether there is too much.
const lookEvery = 5 * time.Second

// Every calls sweep at once, then every so often, until ctx ends. If full is not nil, it is asked every 5 s, and sweep
// is called as soon as it says that there is too much; it has to cost nothing. A sweep that takes longer than the time
// between two has one follow it, not several.
func Every(ctx context.Context, interval time.Duration, full func() bool, sweep func()) {
	sweep()
	again := time.NewTicker(interval)
	defer again.Stop()
	var look <-chan time.Time
	if full != nil {
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		look = ticker.C
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
			sweep()
		case <-look:
			if full() {
				sweep()
			}
		}
	}
}
