package dispatch

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/consensus"
)

// follow touches, for every record that is applied, the nodes whose assignment it may have changed. When it is too
// slow, or the state came from a snapshot, it touches all and goes on from there.
func (l *leadership) follow() {
	at := l.catchUp()
	for l.ctx.Err() == nil {
		batch, err := l.dispatch.cfg.Window.Read(l.ctx, at)
		if err != nil {
			at = l.catchUp()
			l.touchAll()
			continue
		}
		err = l.dispatch.cfg.Panics.Do("following the log", func() error {
			l.touchBatch(batch)
			return nil
		}, "record", at.Record)
		if err != nil {
			l.touchAll() // no node is told too little
		}
		at = batch.Next
	}
}

// catchUp returns the position from which on to follow.
func (l *leadership) catchUp() consensus.Position {
	return consensus.Position{Record: l.dispatch.cfg.Door.View().Sequence + 1}
}

func (l *leadership) touchBatch(batch consensus.Batch) {
	for _, record := range batch.Records {
		for _, event := range record.GetEvents() {
			touched(batch.View, event, l.touch)
			l.withdraw(batch.View, grown(event))
		}
	}
}

// withdraw gives up workers that a run was given and that its driver no longer waits for: it may have wanted less
// meanwhile.
func (l *leadership) withdraw(view *state.View, id string) {
	run := view.JobRun(id)
	if run == nil {
		return
	}
	for _, worker := range l.dispatch.cfg.Demands.Withdraw(view, run) {
		l.touch(worker.Node)
	}
}
