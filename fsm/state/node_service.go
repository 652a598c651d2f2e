package state

import (
	"slices"
	"time"
)

// Cordon says that an operator has a node take nothing new. The zero value is none.
type Cordon struct {
	By     string
	Reason string // for everybody
	Since  time.Time
}

// Drain says that a node is to become empty. The zero value is none. A node that drains is cordoned.
type Drain struct {
	By          string
	Since       time.Time
	Deadline    time.Time // when what is left is stopped
	StopDrivers bool      // drivers and tasks are stopped before that, not waited for
	Done        time.Time // when nothing was left
}

// Aside says that a node kept failing. The zero value is that it did not.
type Aside struct {
	Reason  string
	Since   time.Time
	Until   time.Time // until when it takes nothing
	OnTrial bool      // that time is over, and it has yet to do well
}

// NodeFailureKind says in which way a node failed. The numbers are those of the event log.
type NodeFailureKind int32

// The ways in which a node fails. How a program ends is none of them.
const (
	NodeRefusedStart    NodeFailureKind = 1
	NodePreparedNoSlot  NodeFailureKind = 2
	NodeLostAWorker     NodeFailureKind = 3 // which disappeared
	NodeLostWithWorkers NodeFailureKind = 4
)

// String returns the kind's name.
func (k NodeFailureKind) String() string {
	return name(k, "", "START_REFUSED", "SLOT_NOT_PREPARED", "WORKER_DISAPPEARED", "LOST")
}

// NodeFailure is one failure of a node.
type NodeFailure struct {
	Kind        NodeFailureKind
	At          time.Time
	Application string // whose worker or slot it was; empty: of several
	Run         string // whose worker it was; empty: none
}

// The words for what a node takes.
const (
	ServiceOpen     = "OPEN"
	ServiceCordoned = "CORDONED"
	ServiceDraining = "DRAINING"
	ServiceDrained  = "DRAINED"
	ServiceSetAside = "SET_ASIDE"
)

// Takes says whether the node may be given something new: it holds a lease, it is approved, no operator wants it to
// take nothing, and it is not set aside.
func (n *Node) Takes() bool { return n.State == NodeReady && n.Service() == ServiceOpen }

// Service says what the node takes as far as operators and its own failures decide.
func (n *Node) Service() string {
	switch {
	case n.Draining():
		return ServiceDraining
	case !n.Drain.Since.IsZero():
		return ServiceDrained
	case n.Cordoned():
		return ServiceCordoned
	case n.SetAside():
		return ServiceSetAside
	}
	return ServiceOpen
}

// Cordoned says whether an operator has the node take nothing new, as it does when it drains.
func (n *Node) Cordoned() bool { return !n.Cordon.Since.IsZero() }

// Draining says whether the node is to become empty, and is not yet.
func (n *Node) Draining() bool { return !n.Drain.Since.IsZero() && n.Drain.Done.IsZero() }

// SetAside says whether the node takes nothing because it kept failing.
func (n *Node) SetAside() bool { return !n.Aside.Since.IsZero() && !n.Aside.OnTrial }

// Doubtful says whether a worker that begins to run on the node says something new of it: it failed to start some of
// late, or was set aside and has yet to do well.
func (n *Node) Doubtful() bool {
	return n.Aside.OnTrial || slices.ContainsFunc(n.Failures, func(f NodeFailure) bool { return !f.Kind.Lasts() })
}

// Lasts says whether a failure of this kind is remembered though a worker began to run since: that a node starts
// workers does not say that it will not be lost again.
func (k NodeFailureKind) Lasts() bool { return k == NodeLostWithWorkers }
