package tasks

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// A room may be handed tasks before its owner runs it, and its tasks may begin others even while it ends.
func TestGroup_RunsWhatIsHandedInAndWaitsForAllOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group Group
		var ended []string
		group.Go(func(ctx context.Context) {
			<-ctx.Done()
			group.Go(func(context.Context) {
				<-time.After(time.Second)
				ended = append(ended, "last")
			})
		})
		ctx, cancel := context.WithCancel(t.Context())
		returned := make(chan error)
		go func() { returned <- group.Run(ctx) }()
		synctest.Wait()
		group.Go(func(context.Context) { ended = append(ended, "at once") })
		synctest.Wait()
		cancel()
		if err := <-returned; err != nil || len(ended) != 2 || ended[0] != "at once" || ended[1] != "last" {
			t.Errorf("%q have ended when it returned %v", ended, err)
		}
		group.Go(func(context.Context) { t.Error("a task began after the end") })
		synctest.Wait()
	})
}
