package sim

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

// settle changes what users decided: tags at any time, an application once it rests.
func (u *users) settle() {
	if u.world.chance(30) {
		u.tag()
		return
	}
	application := u.application()
	stop := &command.StopApplication{ApplicationID: application, Force: true}
	u.world.execute(stop.Decide, func(error) {})
	u.world.after(u.world.between(time.Second, 15*time.Second), func() { u.update(application) })
}

// update draws other bounds and another initial capacity, which hold if the application rests. No run is asked for
// meanwhile, so it is started again.
func (u *users) update(application string) {
	runs := u.world.random.IntN(4)
	counts := u.world.random.IntN(3)
	minutes := 1 + u.world.random.IntN(2)
	update := &command.UpdateApplication{
		ApplicationID: application,
		Change: func(was *specv1.Application) (*specv1.Application, error) {
			return redecided(was, uint32(runs), int64(minutes), counts), nil
		},
	}
	u.world.execute(update.Decide, func(err error) {
		if err == nil {
			u.world.count.Updates++
		}
		u.start(application)
	})
}

// redecided is an application with other bounds, without any for no runs, and with other counts of workers that are
// held ready.
func redecided(was *specv1.Application, runs uint32, minutes int64, counts int) *specv1.Application {
	decided := proto.CloneOf(was)
	decided.ClearScheduler()
	if runs > 0 {
		decided.SetScheduler(specv1.Scheduler_builder{MaxConcurrentRuns: &runs, QueueTimeoutMinutes: &minutes}.Build())
	}
	for i, name := range slices.Sorted(maps.Keys(decided.GetInitialCapacity())) {
		decided.GetInitialCapacity()[name].SetWorkerCount(int64(1 + (counts+i)%3))
	}
	return decided
}

// tag gives a tag to an application or a run, or takes one away.
func (u *users) tag() {
	application := u.application()
	run := ""
	if s := u.any(); s.run != "" && u.world.chance(50) {
		application = s.application
		run = s.run
	}
	key := fmt.Sprint("key", u.world.random.IntN(5))
	if u.world.chance(30) {
		u.world.execute((&command.UntagResource{
			ApplicationID: application,
			JobRunID:      run,
			Keys:          []string{key},
		}).Decide, func(error) {})
		return
	}
	tags := map[string]string{key: fmt.Sprint(u.world.random.IntN(3))}
	u.world.execute((&command.TagResource{ApplicationID: application, JobRunID: run, Tags: tags}).Decide, func(error) {})
}
