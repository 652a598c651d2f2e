package every

import (
	"context"
	"time"
)

// Interval calls do when an interval is over, again and again, until ctx ends; never at once. It says when the interval
// was over. If do takes longer than an interval, one more call follows it at once, not several.
func Interval(ctx context.Context, interval time.Duration, do func(now time.Time)) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			do(now)
		}
	}
}
