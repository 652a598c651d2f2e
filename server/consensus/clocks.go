package consensus

import (
	"context"
	"slices"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/internal/seldom"
)

const (
	maxClockDistance = 2 * time.Second // of a leader's clock from those of a majority
	clockEvery       = 500 * time.Millisecond
)

// Now returns the record time: what is in records is compared with this, never with the real time. It never goes back,
// unless another server leads whose clock is a little behind.
func (c *Consensus) Now() time.Time {
	return c.time.now(c.View().Time, func(real time.Time) bool { return c.wrongClock(real) == nil })
}

// wrongClock returns an error when this server's clock, which says now, differs from those of a majority of the voters.
func (c *Consensus) wrongClock(now time.Time) error {
	voters, err := c.Servers()
	if err != nil || c.config.ClocksAhead == nil {
		return nil
	}
	ahead := c.config.ClocksAhead(now)
	var known []time.Duration
	for _, voter := range voters {
		if d, is := ahead[voter.ID]; is && voter.ID != c.config.ServerID {
			known = append(known, d)
		}
	}
	distance := clockDistance(known, len(voters)/2+1)
	if distance == 0 {
		return nil
	}
	where := "behind"
	if distance < 0 {
		where = "ahead of"
	}
	return errs.New(errs.Unavailable, "this server's clock is %s %s those of most servers, more than %s: set it "+
		"right; until then this server does not lead", distance.Abs().Round(100*time.Millisecond), where, maxClockDistance)
}

// clockDistance returns how far a majority of clocks, of which all say about the same, are ahead of this server's; 0:
// this server's is among them, or there is no such majority.
func clockDistance(ahead []time.Duration, majority int) (distance time.Duration) {
	slices.Sort(ahead)
	for first := range ahead {
		last := first + majority - 1
		if last >= len(ahead) {
			break
		}
		if ahead[last]-ahead[first] > maxClockDistance {
			continue
		}
		if ahead[first] <= maxClockDistance && ahead[last] >= -maxClockDistance {
			return 0
		}
		distance = ahead[first]
	}
	return distance
}

// watchClock says that this server's clock is wrong, and when it is right again, until ctx ends.
func (c *Consensus) watchClock(ctx context.Context) {
	log := seldom.New(c.log)
	wrong := false
	every.Interval(ctx, clockEvery, func(time.Time) {
		err := c.wrongClock(c.time.wall())
		if err != nil {
			log.Warn("clock differs from those of the other servers", "error", err)
		}
		if err == nil && wrong {
			c.log.InfoContext(ctx, "clock agrees with those of the other servers again")
		}
		wrong = err != nil
	})
}

// leadByClock returns an error as soon as this leader's clock is wrong, so that it steps down; nil: ctx has ended.
func (c *Consensus) leadByClock(ctx context.Context) error {
	for {
		if err := c.wrongClock(c.time.wall()); err != nil {
			return err
		}
		if !every.Pause(ctx, clockEvery) {
			return nil
		}
	}
}
