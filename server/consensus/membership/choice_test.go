package membership

import (
	"testing"

	"github.com/headrace/headrace/server/consensus"
	"github.com/headrace/headrace/server/consensus/gossip"
)

// fresh is a server without state that expects three.
func fresh(id string) gossip.Member {
	return gossip.Member{ServerID: id, RaftAddress: id + ":1", BootstrapExpect: 3}
}

func with(m gossip.Member, change func(*gossip.Member)) gossip.Member {
	change(&m)
	return m
}

func TestChoose(t *testing.T) {
	state := func(m *gossip.Member) { m.HasState = true }
	for name, c := range map[string]struct {
		self    string
		members []gossip.Member
		want    int
		fails   bool
	}{
		"too few": {"a", []gossip.Member{fresh("a"), fresh("b")}, 0, false},
		"enough":  {"a", []gossip.Member{fresh("a"), fresh("b"), fresh("c")}, 3, false},
		"one has failed": {
			"a",
			[]gossip.Member{
				fresh("a"), fresh("b"), with(fresh("c"), func(m *gossip.Member) { m.Status = gossip.Failed }),
			},
			0,
			false,
		},
		"there is a cluster": {
			"a",
			[]gossip.Member{fresh("a"), fresh("b"), fresh("c"), with(fresh("d"), state)},
			0, false,
		},
		"the fourth waits":      {"d", []gossip.Member{fresh("a"), fresh("b"), fresh("c"), fresh("d")}, 0, false},
		"the first three begin": {"b", []gossip.Member{fresh("a"), fresh("b"), fresh("c"), fresh("d")}, 3, false},
		"they expect differently": {
			"a",
			[]gossip.Member{fresh("a"), fresh("b"), with(fresh("c"), func(m *gossip.Member) { m.BootstrapExpect = 5 })},
			0,
			true,
		},
		"one only joins": {
			"a",
			[]gossip.Member{fresh("a"), fresh("b"), with(fresh("c"), func(m *gossip.Member) { m.BootstrapExpect = 0 })},
			0,
			false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := choose(fresh(c.self), c.members)
			if len(got) != c.want || (err != nil) != c.fails {
				t.Errorf("chose %v (%v), want %d servers", got, err, c.want)
			}
		})
	}
}

func TestAgreed_NeedsEverybody(t *testing.T) {
	members := []gossip.Member{fresh("a"), fresh("b"), fresh("c")}
	chosen, err := choose(fresh("a"), members)
	if err != nil {
		t.Fatal(err)
	}
	for i := range members {
		if agreed(chosen, members) {
			t.Fatalf("agreed after %d of 3", i)
		}
		members[i].Choice = name(chosen)
	}
	if !agreed(chosen, members) {
		t.Error("did not agree with everybody")
	}
	members[1].Choice = "another"
	if agreed(chosen, members) {
		t.Error("agreed though one chose otherwise")
	}
}

func TestVoters(t *testing.T) {
	server := func(id string) consensus.Server { return consensus.Server{ID: id, Address: id + ":1"} }
	left := func(m *gossip.Member) { m.Status = gossip.Left }
	failed := func(m *gossip.Member) { m.Status = gossip.Failed }
	moved := func(m *gossip.Member) {
		m.RaftAddress = "b:2"
		m.HasState = true
	}
	for name, c := range map[string]struct {
		servers     []consensus.Server
		members     []gossip.Member
		remove, add int
	}{
		"all is well": {
			[]consensus.Server{server("a"), server("b")},
			[]gossip.Member{fresh("a"), fresh("b")},
			0, 0,
		},
		"one is new": {[]consensus.Server{server("a")}, []gossip.Member{fresh("a"), fresh("b")}, 0, 1},
		"one failed": {
			[]consensus.Server{server("a"), server("b")},
			[]gossip.Member{fresh("a"), with(fresh("b"), failed)},
			0, 0,
		},
		"one was never seen": {[]consensus.Server{server("a"), server("b")}, []gossip.Member{fresh("a")}, 0, 0},
		"one left": {
			[]consensus.Server{server("a"), server("b")},
			[]gossip.Member{fresh("a"), with(fresh("b"), left)},
			1, 0,
		},
		"one moved": {
			[]consensus.Server{server("a"), server("b")},
			[]gossip.Member{fresh("a"), with(fresh("b"), moved)},
			0, 1,
		},
		"one moved without its log": {
			[]consensus.Server{server("a"), server("b")},
			[]gossip.Member{fresh("a"), with(fresh("b"), func(m *gossip.Member) { m.RaftAddress = "b:2" })},
			0, 0,
		},
		"one was not let in": {[]consensus.Server{server("a")}, []gossip.Member{fresh("a"), fresh("c")}, 0, 0},
		"one was removed": {
			[]consensus.Server{server("a")},
			[]gossip.Member{fresh("a"), with(fresh("c"), func(m *gossip.Member) { m.HasState = true })},
			0, 0,
		},
		"one was replaced at its address": {
			[]consensus.Server{server("a"), server("b")},
			[]gossip.Member{
				fresh("a"),
				with(fresh("b"), failed),
				with(fresh("z"), func(m *gossip.Member) { m.RaftAddress = "b:1" }),
			},
			1, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			letIn := map[string]bool{"b": len(c.servers) == 1, "z": true}
			if got := voters(c.servers, c.members, letIn); len(got.remove) != c.remove || len(got.add) != c.add {
				t.Errorf("got %+v, want %d removed and %d added", got, c.remove, c.add)
			}
		})
	}
}
