package dispatch

import (
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/consensus"
)

// follow touches, for every record that is applied, the nodes whose assignment it may have changed. When it is too slow, or the
// state came from a snapshot, it touches all and goes on from there.
func (t *tenure) follow() {
	at := t.catchUp()
	for t.ctx.Err() == nil {
		batch, err := t.dispatch.cfg.Window.Read(t.ctx, at)
		if err != nil {
			at = t.catchUp()
			t.touchAll()
			continue
		}
		if err := t.dispatch.cfg.Panics.Do("following the log", func() error { t.touchBatch(batch); return nil }, "record", at.Record); err != nil {
			t.touchAll() // nobody is told too little
		}
		at = batch.Next
	}
}

// catchUp returns the position from which on to follow.
func (t *tenure) catchUp() consensus.Position {
	return consensus.Position{Record: t.dispatch.cfg.Door.View().Sequence + 1}
}

func (t *tenure) touchBatch(batch consensus.Batch) {
	for _, record := range batch.Records {
		for _, event := range record.GetEvents() {
			touched(batch.View, event, t.touch)
			t.withdraw(batch.View, grown(event))
		}
	}
}

// withdraw gives up workers that a run was given and that its driver no longer waits for: it may have wanted less meanwhile.
func (t *tenure) withdraw(view *state.View, id string) {
	run := view.JobRun(id)
	if run == nil {
		return
	}
	for _, worker := range t.dispatch.cfg.Demands.Withdraw(view, run) {
		t.touch(worker.Node)
	}
}
