package gossip

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/hashicorp/memberlist"
)

func TestC2_ClocksOfOtherServersAreKnown(t *testing.T) {
	g := &Gossip{members: map[string]Member{"b": {}, "c": {}, "d": {Status: Failed}}, clocks: map[string]clock{}}
	tell := func(id string, ahead time.Duration) {
		payload := binary.BigEndian.AppendUint64(nil, uint64(time.Now().Add(ahead).UnixNano()))
		(*pings)(g).NotifyPingComplete(&memberlist.Node{Name: id}, 0, payload)
	}
	tell("b", 13*time.Hour)
	tell("d", time.Hour)
	(*pings)(g).NotifyPingComplete(&memberlist.Node{Name: "c"}, 0, nil) // an older server
	ahead := g.ClocksAhead(time.Now())
	if d := ahead["b"] - 13*time.Hour; len(ahead) != 1 || d.Abs() > time.Minute {
		t.Errorf("clocks are ahead by %v", ahead)
	}
	if ahead := g.ClocksAhead(time.Now().Add(2 * clockAge)); len(ahead) != 0 {
		t.Errorf("old answers count: %v", ahead)
	}
}

// Servers hear of each other's clocks by themselves.
func TestC2_ServersTellEachOtherTheirClocks(t *testing.T) {
	a, _ := start(t, "a", nil)
	b, _ := start(t, "b", nil, a.Address())
	eventually(t, "b to know the clock of a", func() bool { return len(b.ClocksAhead(time.Now())) == 1 })
	if d := b.ClocksAhead(time.Now())["a"]; d.Abs() > time.Minute {
		t.Errorf("the clock of a is %s ahead", d)
	}
}
