package consensus

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

func TestCluster_ManyCallersShareRecords(t *testing.T) {
	c := newCluster(t, 3, nil)
	before := c.leader().View().Sequence
	const callers, each = 256, 4
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			for j := range each {
				c.execute(note(fmt.Sprintf("%d/%d", i, j)))
			}
		})
	}
	group.Wait()
	view := c.leader().View()
	if records := view.Sequence - before; records > callers*each/4 {
		t.Errorf("%d decisions took %d records; they should share them", callers*each, records)
	}
	for i := range callers {
		for j := range each {
			if view.Request(fmt.Sprintf("%d/%d", i, j)) == nil {
				t.Fatalf("decision %d/%d is not in the state", i, j)
			}
		}
	}
	c.agree()
}

func TestCluster_FollowerRefuses(t *testing.T) {
	c := newCluster(t, 3, nil)
	leader := c.leader()
	for _, m := range c.members {
		if m != leader {
			_, err := m.Execute(within(t), note("a"))
			wantKind(t, err, errs.NotLeader)
			_, err = m.ReadIndex(within(t))
			wantKind(t, err, errs.NotLeader)
		}
	}
}

// A leader that is cut off cannot say what came of a record in flight; the others decide the same thing again.
func TestCluster_LossWhileCommittingIsUnknown(t *testing.T) {
	c := newCluster(t, 3, nil)
	old := c.leader()
	_, err := old.Execute(within(t), func(view *state.View, meta command.Meta) ([]*eventv1.Event, error) {
		c.cut(old)
		return note("a")(view, meta)
	})
	wantKind(t, err, errs.Unknown)
	heir := c.leader(old)
	_, err = heir.Execute(within(t), note("a"))
	must(t, err)
	_, err = old.Execute(within(t), note("b"))
	wantKind(t, err, errs.NotLeader)
	for i, m := range c.members {
		if m == old {
			c.connect(i)
		}
	}
	c.execute(note("c"))
	c.agree()
}

// Writes go on while leaders are cut off again and again: what was acknowledged stays.
func TestCluster_NoAcknowledgedWriteIsLost(t *testing.T) {
	c := newCluster(t, 3, nil)
	ctx, stop := context.WithCancel(context.Background())
	acknowledged := make([][]string, 8)
	var group sync.WaitGroup
	for i := range acknowledged {
		group.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				key := fmt.Sprintf("%d/%d", i, n)
				if _, err := c.members[n%3].Execute(ctx, note(key)); err == nil {
					acknowledged[i] = append(acknowledged[i], key)
				}
			}
		})
	}
	for range 3 {
		old := c.leader()
		seen := old.View().Sequence
		eventually(t, "writes", func() bool { return old.View().Sequence > seen+5 || !old.IsLeader() })
		c.cut(old)
		c.leader(old)
		for i, m := range c.members {
			if m == old {
				c.connect(i)
			}
		}
	}
	stop()
	group.Wait()
	c.execute(note("last"))
	c.agree()
	count := 0
	view := c.leader().View()
	for _, keys := range acknowledged {
		for _, key := range keys {
			if count++; view.Request(key) == nil {
				t.Errorf("%s was acknowledged and is lost", key)
			}
		}
	}
	if count == 0 {
		t.Error("nothing was acknowledged, so nothing was tested")
	}
}

// Something else takes the record's number: the record is void everywhere, and its decisions run again with new time
// and ids.
func TestCluster_VoidRecordIsDecidedAgain(t *testing.T) {
	c := newCluster(t, 3, nil)
	leader := c.leader()
	var runs int
	var ids []string
	applied, err := leader.Execute(within(t), func(view *state.View, meta command.Meta) ([]*eventv1.Event, error) {
		id := meta.IDs.NewID()
		ids = append(ids, id)
		if runs++; runs == 1 {
			intruder := &eventv1.Record{
				Sequence:     view.Sequence + 1,
				TimeUnixNano: meta.Now.UnixNano(),
				Events:       []*eventv1.Event{noted("intruder", "x", meta.Now)},
			}
			data, err := proto.Marshal(intruder)
			must(t, err)
			must(t, leader.raft.Apply(data, proposeWait).Error())
		}
		return []*eventv1.Event{noted("a", id, meta.Now)}, nil
	})
	must(t, err)
	view := leader.View()
	if runs != 2 || ids[0] == ids[1] || view.Request("a").Resource != ids[1] || view.Request("intruder") == nil ||
		applied.Sequence != view.Sequence {
		t.Errorf("ran %d times with ids %v; applied at %d of %d, state has %v",
			runs, ids, applied.Sequence, view.Sequence, view.Request("a"))
	}
	c.agree()
}

func TestCluster_RestartReplaysToTheSameState(t *testing.T) {
	for _, kind := range []LogStore{WAL, Bolt} {
		t.Run(string(kind), func(t *testing.T) {
			c := newCluster(t, 1, func(config *Config) { config.LogStore = kind })
			for i := range 20 {
				c.execute(note(fmt.Sprint(i)))
			}
			want := fsm.Digest(c.members[0].View())
			sequence := c.members[0].View().Sequence
			c.members[0].cancel()
			<-c.members[0].ended // a lone server has no heir, which is no error
			c.members[0].ended = nil
			c.start(0, nil)
			c.leader()
			if got := c.members[0].View(); got.Sequence != sequence || fsm.Digest(got) != want {
				t.Errorf("came back at record %d, want %d, and digests differ: %v",
					got.Sequence, sequence, fsm.Digest(got) != want)
			}
			c.execute(note("afterwards"))
		})
	}
}

// Bolt forgets entries at once; the WAL still serves them until it drops their whole segment.
func TestCluster_LaggingServerInstallsASnapshot(t *testing.T) {
	c := newCluster(t, 3, func(config *Config) { config.LogStore = Bolt })
	leader := c.leader()
	var late int
	for i, m := range c.members {
		if m != leader {
			late = i
		}
	}
	c.stop(late)
	for i := range 30 {
		c.execute(note(fmt.Sprint(i)))
	}
	// TrailingLogs may not be small in a real server; here the others have to forget what the late one lacks.
	for i, m := range c.members {
		if i != late {
			reload := m.raft.ReloadableConfig()
			reload.TrailingLogs = 1
			must(t, m.raft.ReloadConfig(reload))
			eventually(t, "a snapshot", func() bool { return m.raft.Snapshot().Error() == nil })
		}
	}
	c.start(late, nil)
	c.agree()
	_, err := c.members[late].Window().Read(within(t), Position{Record: 1})
	wantKind(t, err, errs.Compacted)
}

func TestCluster_ReadsAreLinearizableOnFollowers(t *testing.T) {
	c := newCluster(t, 3, nil)
	for n := range 20 {
		key := fmt.Sprint(n)
		c.execute(note(key))
		for i, m := range c.members {
			record, err := c.leader().ReadIndex(within(t))
			must(t, err)
			must(t, m.WaitApplied(within(t), record))
			if m.View().Request(key) == nil {
				t.Fatalf("server %d does not show %s at record %d", i+1, key, record)
			}
		}
	}
	if c.leader().LastContact().IsZero() {
		t.Error("the leader knows of no contact with a quorum")
	}
}
