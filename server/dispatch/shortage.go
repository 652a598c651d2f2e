package dispatch

import (
	"github.com/headrace/headrace/fsm/state"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// maxShortage is how long what a driver is told of executors that it cannot have may be, in bytes.
const maxShortage = 1024

// shortage returns what a driver is told of executors that it cannot have now; nil: it has all, or will soon.
func (d *Dispatch) shortage(driver *state.Worker) *agentv1.Shortage {
	short, is := d.cfg.Demands.Shortage(driver.Run, driver.Attempt)
	if !is {
		return nil
	}
	return &agentv1.Shortage{Message: lastOf(short.Message, maxShortage), Executors: short.Has}
}

// followShortages touches the nodes of drivers that are to be told of executors that they cannot have, or can have
// again.
func (l *leadership) followShortages() {
	for {
		changed := l.dispatch.cfg.Demands.Shorter()
		view := l.dispatch.cfg.Door.View()
		for _, attempt := range l.dispatch.cfg.Demands.TakeShorter() {
			if driver := view.Driver(attempt.Run, attempt.Number); driver != nil {
				l.touch(driver.Node)
			}
		}
		select {
		case <-changed:
		case <-l.ctx.Done():
			return
		}
	}
}
