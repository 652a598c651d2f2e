package gossip

import "github.com/hashicorp/memberlist"

// delegate answers memberlist's questions about this server.
type delegate Gossip

// NodeMeta returns what this server tells the others.
func (d *delegate) NodeMeta(limit int) []byte { return (*Gossip)(d).Self().encode(limit) }

// NotifyMsg takes the only message there is: the id of a server that says goodbye.
func (d *delegate) NotifyMsg(id []byte) { (*Gossip)(d).goodbye(string(id)) }

// GetBroadcasts is not used.
func (d *delegate) GetBroadcasts(int, int) [][]byte { return nil }

// LocalState is not used.
func (d *delegate) LocalState(bool) []byte { return nil }

// MergeRemoteState is not used.
func (d *delegate) MergeRemoteState([]byte, bool) {}

// events takes memberlist's news. It must not wait, nor call memberlist.
type events Gossip

// NotifyJoin says that a server is there.
func (e *events) NotifyJoin(node *memberlist.Node) { (*Gossip)(e).note(node, Alive) }

// NotifyUpdate says that a server tells something else.
func (e *events) NotifyUpdate(node *memberlist.Node) { (*Gossip)(e).note(node, Alive) }

// NotifyLeave says that a server is gone. Whether for good, it said before: memberlist does not pass that on.
func (e *events) NotifyLeave(node *memberlist.Node) { (*Gossip)(e).note(node, Failed) }
