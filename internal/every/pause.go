package every

import (
	"context"
	"time"
)

// Pause waits for a time, but not beyond ctx's end. It says whether the whole time is over.
func Pause(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
