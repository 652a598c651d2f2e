package dispatch

import "github.com/headrace/headrace/server/consensus"

// follow touches, for every record that is applied, the nodes whose assignment it may have changed. When it is too slow, or the
// state came from a snapshot, it touches all and goes on from there.
func (t *tenure) follow() {
	window := t.dispatch.cfg.Window
	at := consensus.Position{Record: t.dispatch.cfg.Door.View().Sequence + 1}
	for t.ctx.Err() == nil {
		batch, err := window.Read(t.ctx, at)
		if err != nil {
			at = consensus.Position{Record: t.dispatch.cfg.Door.View().Sequence + 1}
			t.touchAll()
			continue
		}
		t.touchBatch(batch)
		at = batch.Next
	}
}

func (t *tenure) touchBatch(batch consensus.Batch) {
	for _, record := range batch.Records {
		for _, event := range record.GetEvents() {
			touched(batch.View, event, t.touch)
		}
	}
}
