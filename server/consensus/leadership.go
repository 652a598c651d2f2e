package consensus

import "context"

// followLeadership calls lead whenever this server gains leadership, cancels the context of lead when it loses it, and
// waits until lead returns before the next call. It never makes the sender of notify wait for lead: Raft stands still
// until its notice is taken.
//
// A loss and a gain in quick succession are two leaderships, even if both are noticed late: every notice ends the
// leadership before it.
func followLeadership(ctx context.Context, notify <-chan bool, lead func(context.Context)) {
	cancel := func() {}
	var running chan struct{} // closed when lead has returned; nil: it does not run
	wanted := false           // this server leads and lead was not called for it yet
	for {
		if wanted && running == nil {
			var leadership context.Context
			leadership, cancel = context.WithCancel(ctx)
			running = start(leadership, lead)
			wanted = false
		}
		select {
		case wanted = <-notify:
			cancel()
		case <-running:
			cancel()
			running = nil
		case <-ctx.Done():
			cancel()
			if running != nil {
				drainUntil(running, notify)
			}
			return
		}
	}
}

func start(ctx context.Context, lead func(context.Context)) chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		lead(ctx)
	}()
	return done
}

// drainUntil takes notices while the last leadership ends.
func drainUntil(done <-chan struct{}, notify <-chan bool) {
	for {
		select {
		case <-notify:
		case <-done:
			return
		}
	}
}
